package memory

import "testing"

type absentPage struct {
	page uint64
	cpu  int
}

func (a *absentPage) Wait(n uint64, cpu int, _ <-chan struct{}) bool {
	a.cpu = cpu
	return n != a.page
}

func TestAbsence(t *testing.T) {
	b, err := New("ram", 4*PageSize)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if !b.Wait(3, NoCPU, nil) {
		t.Error("a page of a block without absence is not there")
	}
	a := &absentPage{page: 3}
	b.SetAbsence(a)
	if b.Wait(3, 1, nil) || a.cpu != 1 {
		t.Errorf("page 3 is there, or vCPU 1 was not passed on but %d", a.cpu)
	}
	if !b.Wait(2, 0, nil) {
		t.Error("page 2 is not there")
	}
	b.SetAbsence(nil)
	if !b.Wait(3, 0, nil) {
		t.Error("page 3 is absent after the end of the absence")
	}
}

func TestHostPage(t *testing.T) {
	b, err := New("ram", 4<<20)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if got := b.HostPage(); got != PageSize {
		t.Errorf("host pages of %d bytes, want %d", got, PageSize)
	}
	b.SetHostPage(HugePage)
	if got := b.HostPage(); got != HugePage {
		t.Errorf("host pages of %d bytes, want %d", got, HugePage)
	}
}
