package interop

import (
	"fmt"
	"testing"

	"qmpmigrate/tests/emulator"
	"qmpmigrate/tests/hugepages"
)

// Memory of huge pages, end to end: whole ones are asked for and placed, also after the link broke in the middle of
// one.
func TestPostcopyHugePages(t *testing.T) {
	const size = 64 << 20
	for _, tc := range []struct {
		accel string
		cuts  int
	}{{"soft", 0}, {"uffd", 0}, {"uffd", 8}} {
		t.Run(fmt.Sprint(tc.accel, ", ", tc.cuts, " cuts"), func(t *testing.T) {
			hugepages.Reserve(t, 2*size>>21)
			args := []string{"-object", fmt.Sprintf("memory-backend-memfd,id=ram,size=%d,hugetlb=on,hugetlbsize=2M", size),
				"-machine", "memtest,workload=stress,zero=20,memory-backend=ram", "-accel", tc.accel, "-m", fmt.Sprint(size >> 20), "-smp", "2", "-nodefaults"}
			src := emulator.Launch(t, emulator.NeedServer(t), "source", args...)
			dst := emulator.Launch(t, emulator.NeedServer(t), "destination", append(args, "-incoming", "defer")...)
			o := newOutage(t, 2, src, dst)
			o.most, o.back = 4<<20, 20 // a bitmap of few pages
			if tc.cuts > 0 {
				o.moved(tc.cuts)
			} else {
				postcopy{channel: emulator.Unix(), moment: moments()[0]}.move(t, src, dst)
			}
			running(t, dst)
			for _, e := range []*emulator.Emulator{src, dst} {
				var v verification
				emulator.Must(t, e.Execute(t.Context(), "x-verify-memory", nil, &v))
				if v.Faulty != 0 || v.Pages != size/4096 {
					t.Errorf("%s: of %d pages %d are faulty: %+v", e.Name, v.Pages, v.Faulty, v.Faults)
				}
			}
		})
	}
}
