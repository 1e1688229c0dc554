package fault_test

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"qmpmigrate/channels"
	"qmpmigrate/channels/channelstest"
	"qmpmigrate/channels/fault"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// Without faults, and with faults that nothing reaches, a wrapped channel is like any other.
func TestConformance(t *testing.T) {
	far := fault.Plan{
		Read:  []fault.Fault{fault.Cut(1 << 60), fault.Corrupt(1<<59, 1)},
		Write: []fault.Fault{fault.Delay(1<<60, time.Hour)},
	}
	channelstest.Run(t, channelstest.Kind{TwoWay: true, Allocates: true,
		Open: func(t testing.TB) (channels.Conn, func() channels.Conn) {
			out, in := channelstest.TCP(t)
			in = fault.Wrap(in, far)
			return fault.Wrap(out, fault.Plan{}), func() channels.Conn { return in }
		}})
}

// shapes are ways to write the same data.
var shapes = map[string]func([]byte) [][]byte{
	"one":   func(data []byte) [][]byte { return [][]byte{data} },
	"bytes": func(data []byte) [][]byte { return slices.Collect(slices.Chunk(data, 1)) },
	"mixed": func(data []byte) [][]byte {
		return [][]byte{nil, data[:7], {}, data[7:8], data[8:60], data[60:]}
	},
}

// Exactly the bytes before the cut pass, whichever side cuts and however they are written.
func TestCut(t *testing.T) {
	data := []byte(strings.Repeat("0123456789", 10))
	for name, shape := range shapes {
		for _, at := range []int64{0, 1, 7, 8, 59, 60, 61, 99, 100} {
			out, in := channelstest.TCP(t)
			cut := fault.Wrap(out, fault.Plan{Write: []fault.Fault{fault.Cut(at)}})
			n, err := cut.WriteVec(shape(data))
			if n != at || (err == nil) != (at == 100) || err != nil && !errors.Is(err, syscall.EPIPE) {
				t.Errorf("%s, writer's cut at %d: %d, %v", name, at, n, err)
			}
			cut.Close()
			if got, err := io.ReadAll(in); err != nil || !bytes.Equal(got, data[:at]) {
				t.Errorf("%s, writer's cut at %d: %q, %v", name, at, got, err)
			}

			out, in = channelstest.TCP(t)
			if _, err := out.WriteVec(shape(data)); err != nil {
				t.Fatal(err)
			}
			cut = fault.Wrap(in, fault.Plan{Read: []fault.Fault{fault.Cut(at)}})
			if at == 100 {
				out.Close()
			}
			if got, err := io.ReadAll(cut); err != nil || !bytes.Equal(got, data[:at]) {
				t.Errorf("%s, reader's cut at %d: %q, %v", name, at, got, err)
			}
		}
	}
}

// Exactly the chosen bytes change, and only on their way.
func TestCorrupt(t *testing.T) {
	data := []byte(strings.Repeat("0123456789", 10))
	faults := []fault.Fault{
		fault.Corrupt(99, 0x80), fault.Corrupt(0, 0x01), fault.Corrupt(7, 0xff), fault.Corrupt(8, 2), fault.Corrupt(8, 4),
		fault.Corrupt(5000, 1),
	}
	want := slices.Clone(data)
	want[0] ^= 1
	want[7] ^= 0xff
	want[8] ^= 6
	want[99] ^= 0x80
	for name, shape := range shapes {
		out, in := channelstest.TCP(t)
		mine := slices.Clone(data)
		bad := fault.Wrap(out, fault.Plan{Write: faults})
		if n, err := bad.WriteVec(shape(mine)); n != 100 || err != nil {
			t.Errorf("%s: %d, %v", name, n, err)
		}
		bad.Close()
		if !bytes.Equal(mine, data) {
			t.Errorf("%s: the writer's memory changed", name)
		}
		if got, err := io.ReadAll(in); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %q, %v", name, got, err)
		}

		out, in = channelstest.TCP(t)
		out.Write(data)
		out.Close()
		bad = fault.Wrap(in, fault.Plan{Read: faults})
		got := make([]byte, 200)
		n := 0
		for room := shape(got); ; {
			k, err := bad.ReadVec(room)
			n += k
			if errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
			room = [][]byte{nil, got[n:]}
		}
		if !bytes.Equal(got[:n], want) {
			t.Errorf("%s: read %q", name, got[:n])
		}
	}
}

// Corruption of a byte that has not come yet waits for it.
func TestCorruptAfterFailure(t *testing.T) {
	c := fault.Wrap(newMemory(), fault.Plan{Read: []fault.Fault{fault.Corrupt(0, 1)}})
	m := c.Conn.(*memory)
	m.readErr = io.ErrNoProgress
	if n, err := c.Read(make([]byte, 1)); n != 0 || err != io.ErrNoProgress {
		t.Errorf("%d, %v", n, err)
	}
	m.readErr = nil
	m.data <- []byte{'a'}
	b := make([]byte, 1)
	if n, err := c.Read(b); n != 1 || err != nil || b[0] != 'a'^1 {
		t.Errorf("%d, %v, %q", n, err, b)
	}
}

// memory is a channel without a kernel, for virtual time.
type memory struct {
	channels.Conn
	data    chan []byte
	readErr error

	mu     sync.Mutex
	pieces [][]byte
}

// written is what was written so far, a piece for each call.
func (m *memory) written() [][]byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.pieces)
}

func newMemory() *memory { return &memory{data: make(chan []byte, 10)} }

func (m *memory) ReadVec(iov [][]byte) (int, error) {
	if m.readErr != nil {
		return 0, m.readErr
	}
	return copy(iov[0], <-m.data), nil
}

func (m *memory) WriteVec(iov [][]byte) (int64, error) {
	b := bytes.Join(iov, nil)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.pieces = append(m.pieces, b)
	return int64(len(b)), nil
}

func (m *memory) Shutdown() error { return nil }
func (m *memory) Close() error    { return nil }

// A delay lets everything before it pass at once.
func TestDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		c := fault.Wrap(m, fault.Plan{
			Write: []fault.Fault{fault.Delay(3, time.Minute), fault.Delay(5, time.Hour)},
			Read:  []fault.Fault{fault.Delay(0, time.Second)},
		})
		start := time.Now()
		go func() {
			time.Sleep(30 * time.Second) // virtual time
			synctest.Wait()
			if string(bytes.Join(m.written(), []byte("|"))) != "012" {
				t.Errorf("in the meantime: %q", m.written())
			}
		}()
		io.WriteString(c, "0123456789")
		if d := time.Since(start); d != time.Hour+time.Minute {
			t.Errorf("took %v", d)
		}
		if got := string(bytes.Join(m.written(), []byte("|"))); got != "012|34|56789" {
			t.Errorf("%s", got)
		}
		m.data <- []byte("x")
		start = time.Now()
		c.Read(make([]byte, 1))
		if d := time.Since(start); d != time.Second {
			t.Errorf("reading took %v", d)
		}
	})
}

// A hold lasts until it is released, or the channel is ended.
func TestHold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, end := range []string{"release", "shutdown", "close"} {
			m := newMemory()
			reached, released := make(chan struct{}), make(chan struct{})
			c := fault.Wrap(m, fault.Plan{Write: []fault.Fault{fault.Hold(4, reached, released), fault.Hold(6, nil, released)}})
			written := make(chan struct{})
			go func() {
				defer close(written)
				io.WriteString(c, "0123456789")
			}()
			<-reached
			synctest.Wait()
			select {
			case <-written:
				t.Errorf("%s: not held", end)
			default:
			}
			if string(bytes.Join(m.written(), []byte("|"))) != "0123" {
				t.Errorf("%s: %q", end, m.written())
			}
			switch end {
			case "release":
				close(released)
			case "shutdown":
				c.Shutdown()
				c.Shutdown()
			case "close":
				c.Close()
			}
			<-written
		}
	})
}
