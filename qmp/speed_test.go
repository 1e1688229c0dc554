package qmp

import (
	"net"
	"path/filepath"
	"testing"
)

// roundTrips asks for the status n times over a unix socket.
func roundTrips(t testing.TB, negotiation string) func() {
	l := serve(t, newTestServer(t).server.NewMonitor(MonitorConfig{}), "unix", filepath.Join(t.TempDir(), "qmp"))
	conn, err := net.Dial("unix", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	buf := make([]byte, 4096)
	conn.Read(buf)
	conn.Write([]byte(negotiation))
	conn.Read(buf)
	request := []byte(`{"execute": "query-status", "id": 1}`)
	return func() {
		if _, err := conn.Write(request); err != nil {
			t.Fatal(err)
		}
		if n, err := conn.Read(buf); err != nil || buf[n-1] != '\n' {
			t.Fatalf("%q, %v", buf[:n], err)
		}
	}
}

// TestRoundTripDoesNotAllocate counts the whole way of a request and its reply, both sides.
func TestRoundTripDoesNotAllocate(t *testing.T) {
	for _, negotiation := range []string{`{"execute": "qmp_capabilities"}`, negotiateOOB} {
		once := roundTrips(t, negotiation)
		once()
		if allocs := testing.AllocsPerRun(200, once); allocs >= 1 {
			t.Errorf("after %s: %v allocations", negotiation, allocs)
		}
	}
}

func BenchmarkRoundTrip(b *testing.B) {
	for _, c := range []struct{ name, negotiation string }{
		{"plain", `{"execute": "qmp_capabilities"}`},
		{"oob", negotiateOOB},
	} {
		b.Run(c.name, func(b *testing.B) {
			once := roundTrips(b, c.negotiation)
			b.ReportAllocs()
			for b.Loop() {
				once()
			}
		})
	}
}
