package qtest

import (
	"bufio"
	"bytes"
	"errors"
	"net"
	"regexp"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// ram is 64 KiB at address 0x1000.
type ram struct{ mem [64 << 10]byte }

const base = 0x1000

func (r *ram) at(addr uint64, n int) ([]byte, error) {
	if addr < base || addr-base > uint64(len(r.mem)-n) {
		return nil, errors.New("no memory")
	}
	return r.mem[addr-base:][:n], nil
}

func (r *ram) ReadPhys(addr uint64, p []byte) error {
	mem, err := r.at(addr, len(p))
	copy(p, mem)
	return err
}

func (r *ram) WritePhys(addr uint64, p []byte) error {
	mem, err := r.at(addr, len(p))
	copy(mem, p)
	return err
}

func TestRequests(t *testing.T) {
	s := New(&ram{}, nil)
	for _, c := range []struct{ ask, want string }{
		{"endianness", "OK little"},
		{"writeq 0x1000 0xFEED12345678CAFE", "OK"},
		{"readq 0x1000", "OK 0xfeed12345678cafe"},
		{"readl 4096", "OK 0x000000005678cafe"},
		{"readw 0x1006", "OK 0x000000000000feed"},
		{"readb 010000", "OK 0x00000000000000fe"},
		{"writeb 0x1000 0x1ff", "OK"},
		{"writew 0x1002 1", "OK"},
		{"writel 0x1004 2", "OK"},
		{"read 0x1000 8", "OK 0xffca010002000000"},
		{"read 0x1000 0x1", "OK 0xff"},
		{"write 0x1000 4 0x0A0b", "OK"},
		{"read 0x1000 5", "OK 0x0a0b000002"},
		{"write 0x1000 1 0x", "ERR invalid argument size"},
		{"memset 0x1001 2 0xee", "OK"},
		{"b64read 0x1000 4", "OK Cu7uAA=="},
		{"b64write 0x1000 3 YWJj", "OK"},
		{"read 0x1000 4", "OK 0x61626300"},
		{"memset 0x1000 0 0", "OK"},
		{"readq 0x999999999", "OK 0x0000000000000000"},
		{"writeq 0x999999999 1", "OK"},
		{"clock_step", "OK 1"},
		{"clock_step 99", "OK 100"},
		{"clock_set 50", "OK 100"},
		{"clock_set 1000", "OK 1000"},
		{"irq_intercept_in ioapic", "OK"},
		{"outb 0x70 1", "OK"},
		{"inb 0x70", "OK 0x00ff"},
		{"inl 0x70", "OK 0xffffffff"},
		{"bogus 1", "FAIL Unknown command 'bogus'"},
		{"", "FAIL Unknown command ''"},
		{"readq", "FAIL too few arguments"},
		{"readq x", "FAIL bad number 'x'"},
		{"read 0 0", "FAIL nothing to read"},
		{"read 0 0x10000000000", "FAIL 1099511627776 bytes are too many"},
		{"write 0x1000 1 0xzz", "FAIL bad hexadecimal data"},
		{"write 0x1000 1 1234", "FAIL data does not begin with 0x"},
		{"b64write 0x1000 1 !!!!", "FAIL bad base64"},
	} {
		if got := string(s.answer(nil, c.ask)); got != c.want {
			t.Errorf("%s: %s instead of %s", c.ask, got, c.want)
		}
	}
}

func TestServe(t *testing.T) {
	here, there := net.Pipe()
	var log bytes.Buffer
	s := New(&ram{}, NewLog(&log))
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(there) }()
	in := bufio.NewReader(here)
	long := strings.Repeat("ab", 60<<10)
	for _, c := range [][2]string{
		{"endianness", "OK little"}, {"write 0x1000 0xf000 0x" + long, "OK"}, {"readb 0xffff", "OK 0x00000000000000ab"},
	} {
		if _, err := here.Write([]byte(c[0] + "\n")); err != nil {
			t.Fatal(err)
		}
		if line, err := in.ReadString('\n'); err != nil || line != c[1]+"\n" {
			t.Fatalf("%q, %v", line, err)
		}
	}
	here.Close()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	want := regexp.MustCompile(`^\[I 0\.\d{6}\] OPENED\n\[R \+0\.\d{6}\] endianness\n\[S \+0\.\d{6}\] OK little\n(?s:.*)\[I \+\d\.\d{6}\] CLOSED\n$`)
	if !want.Match(log.Bytes()) {
		t.Errorf("the log is %.200q", log.String())
	}
}

func TestALineThatNeverEnds(t *testing.T) {
	in := bufio.NewReader(strings.NewReader(strings.Repeat("x", maxLine+1<<16)))
	if _, err := readLine(in); !errors.Is(err, errTooLong) {
		t.Error(err)
	}
}

func FuzzAnswer(f *testing.F) {
	for _, line := range []string{"read 0x1000 4", "b64write 0x1000 3 YWJj", "memset 0x1000 9 1", "clock_step", "write 0 1 0x00"} {
		f.Add(line)
	}
	s := New(&ram{}, nil)
	f.Fuzz(func(t *testing.T, line string) {
		got := string(s.answer(nil, line))
		if !strings.HasPrefix(got, "OK") && !strings.HasPrefix(got, "FAIL ") && !strings.HasPrefix(got, "ERR ") ||
			strings.Contains(got, "\n") && !strings.Contains(line, "\n") {
			t.Errorf("%q: %q", line, got)
		}
	})
}

func BenchmarkReadb(b *testing.B) {
	s := New(&ram{}, nil)
	var out []byte
	for b.Loop() {
		out = s.answer(out[:0], "readb 0x1000")
	}
}
