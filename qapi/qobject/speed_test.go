package qobject

import "testing"

var queryStatus = []byte(`{"execute":"query-status","id":1}` + "\r\n")

func TestUsualRequestIsCheap(t *testing.T) {
	var p Parser
	emit := func(any, error) {}
	p.Feed(queryStatus, emit)
	allocs := testing.AllocsPerRun(100, func() { p.Feed(queryStatus, emit) })
	if allocs > 1 { // the object with its members
		t.Errorf("%v allocations", allocs)
	}
	out := make([]byte, 0, 256)
	v, _ := Parse(string(queryStatus))
	if allocs := testing.AllocsPerRun(100, func() { out = Append(out[:0], v) }); allocs > 0 {
		t.Errorf("%v allocations to write", allocs)
	}
}

func BenchmarkParseQueryStatus(b *testing.B) {
	var p Parser
	emit := func(any, error) {}
	b.ReportAllocs()
	for b.Loop() {
		p.Feed(queryStatus, emit)
	}
}

func BenchmarkParseLongString(b *testing.B) {
	var p Parser
	text := make([]byte, 1<<16)
	for i := range text {
		text[i] = 'x'
	}
	text[0], text[len(text)-1] = '"', '"'
	emit := func(any, error) {}
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		p.Feed(text, emit)
	}
}
