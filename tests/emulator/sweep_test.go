package emulator

import "testing"

func TestInStep(t *testing.T) {
	for _, good := range [][]byte{{0}, {3, 3, 3}, {4, 3, 3}, {4, 4, 3}, {0, 255, 255}} {
		if err := inStep(good); err != nil {
			t.Errorf("%v: %v", good, err)
		}
	}
	for _, bad := range [][]byte{{3, 4}, {5, 3}, {4, 3, 4}, {4, 3, 2}, {4, 0, 4}} {
		if inStep(bad) == nil {
			t.Errorf("%v is in step", bad)
		}
	}
	if err := inStep([]byte{2, 2, 1, 0}); err == nil || err.Error() != "page 0x103000 counts 0, and the one before it 1" {
		t.Errorf("error is %v", err)
	}
}
