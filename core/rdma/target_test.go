package rdma

import (
	"encoding/hex"
	"strings"
	"sync/atomic"
	"testing"

	"qmpmigrate/core/memory"
	"qmpmigrate/core/rdma/verbs"
)

func target(t testing.TB, c *Conn) (tg *Target, zero *atomic.Uint64, big, small *memory.Block) {
	t.Helper()
	zero = new(atomic.Uint64)
	tg = c.Target(zero)
	big, small = block(t, "big", 768), block(t, "small", 1)
	tg.Listed(big)
	tg.Listed(small)
	return tg, zero, big, small
}

// What a destination answers, and where what is written lands.
func TestTargetBytes(t *testing.T) {
	p, c, agrees := puppetSource(t, "0000000100000002")
	if agrees != "0000000100000000" {
		t.Errorf("it agrees to %s", agrees)
	}
	tg, zero, big, small := target(t, c)
	done := make(chan error)
	go func() { done <- tg.Serve() }()
	p.hears(ready)
	p.says("00000000 00000004 00000001 00000000")
	p.hears("00000040 00000005 00000001 00000000"+
		"%016x 0000000000000000 0000000000300000 00000000 00000000"+
		"%016x 0000000000300000 0000000000001000 00000000 00000000", verbs.Address(big.Bytes()), verbs.Address(small.Bytes()))
	p.hears(ready)
	p.says(finished)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	go func() { done <- tg.Serve() }()
	p.hears(ready)
	p.says("00000030 00000007 00000002 00000000" +
		"0000000000101000 00000000 00000000 0000000000000001" +
		"0000000000300000 00000001 00000000 0000000000000000")
	answer := p.next()
	key := [2]uint32{}
	for i := range key {
		key[i] = uint32(answer[16+16*i])<<24 | uint32(answer[17+16*i])<<16 | uint32(answer[18+16*i])<<8 | uint32(answer[19+16*i])
	}
	want := strings.ReplaceAll("00000020 00000008 00000002 00000000", " ", "")
	if got := hex.EncodeToString(answer[:16]); got != want || len(answer) != 48 || key[0] == 0 || key[1] == 0 {
		t.Fatalf("answer %x", answer)
	}
	for n := range p.mem[:4096] {
		p.mem[n] = 7
	}
	// The second chunk was lent, and the one behind it.
	for page, k := range map[uint64]uint32{256: key[0], 700: key[0]} {
		to := verbs.Place{Address: verbs.Address(big.Page(page)), Key: k}
		if err := p.ep.PostWrite(2, p.out, p.mem[:4096], to); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.ep.PostWrite(2, p.out, p.mem[:4096], verbs.Place{Address: verbs.Address(small.Bytes()), Key: key[1]}); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		p.ep.Poll(verbs.SendQueue)
	}
	p.hears(ready)
	p.says("00000018 00000006 00000001 00000000 00000000 00000000 0000000000000000 0000000000100000")
	p.hears(ready)
	p.says("00000018 0000000a 00000001 00000000 0000000000000001 00000000 00000000 0000000000000000")
	p.hears("00000000 0000000b 00000001 00000000")
	p.hears(ready)
	p.says(finished)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	for _, page := range []uint64{256, 700} {
		if big.Page(page)[4095] != 7 || !big.Populated(page) {
			t.Errorf("page %d holds %d", page, big.Page(page)[4095])
		}
	}
	if small.Page(0)[0] != 7 || zero.Load() != 256 || big.Populated(0) {
		t.Errorf("%d, %d pages are zero", small.Page(0)[0], zero.Load())
	}
	tg.Close()
	// What was lent is not any more.
	if err := p.ep.PostWrite(2, p.out, p.mem[:4096], verbs.Place{Address: verbs.Address(small.Bytes()), Key: key[1]}); err != nil {
		t.Fatal(err)
	}
	p.ep.Poll(verbs.SendQueue)
	if err := p.ep.Wait(verbs.SendQueue); err == nil || !strings.Contains(err.Error(), "which is none") {
		t.Errorf("a write to memory that is not lent any more: %v", err)
	}
}

// All is lent at the start where the source asks for that.
func TestTargetBytesPinned(t *testing.T) {
	p, c, agrees := puppetSource(t, "0000000100000001")
	if agrees != "0000000100000001" {
		t.Errorf("it agrees to %s", agrees)
	}
	tg, _, big, _ := target(t, c)
	defer tg.Close()
	done := make(chan error)
	go func() { done <- tg.Serve() }()
	p.hears(ready)
	p.says("00000000 00000004 00000001 00000000")
	answer := p.next()
	if len(answer) != 16+64 || string(answer[40:44]) == "\x00\x00\x00\x00" {
		t.Fatalf("%x", answer)
	}
	key := uint32(answer[40])<<24 | uint32(answer[41])<<16 | uint32(answer[42])<<8 | uint32(answer[43])
	p.mem[0] = 5
	if err := p.ep.PostWrite(2, p.out, p.mem[:1], verbs.Place{Address: verbs.Address(big.Bytes()) + 3<<20 - 1, Key: key}); err != nil {
		t.Fatal(err)
	}
	p.ep.Poll(verbs.SendQueue)
	p.hears(ready)
	p.says(finished)
	if err := <-done; err != nil || big.Bytes()[3<<20-1] != 5 {
		t.Errorf("%v, %d", err, big.Bytes()[3<<20-1])
	}
}

// Sources that are none: each ends with its reason, and hears that it did.
func TestHostileSources(t *testing.T) {
	for _, c := range []struct{ says, want string }{
		{"00000000 00000007 00001001 00000000", "rdma: Too many requests in this message (4097).Bailing."},
		{"00000000 00000007 00000001 00000000", "rdma: 0 bytes for 1 entries of 24"},
		{"00000018 00000007 00000002 00000000" + "0000000000000000 00000000 00000000 0000000000000000", "rdma: 24 bytes for 2 entries of 24"},
		{"00000018 00000007 00000001 00000000" + "0000000000000000 00000002 00000000 0000000000000000",
			"rdma: 'register' bad block index 2 (vs 2)"},
		{"00000018 00000007 00000001 00000000" + "0000000000000000 00000001 00000000 0000000000000000",
			"rdma: bad register address for block small offset: 300000 current_addr: 0"},
		{"00000018 00000007 00000001 00000000" + "0000000000300000 00000000 00000000 0000000000000000",
			"rdma: bad register address for block big offset: 0 current_addr: 300000"},
		{"00000018 00000007 00000001 00000000" + "ffffffffffffffff 00000001 00000000 ffffffffffffffff",
			"rdma: bad register address for block small offset: 300000 current_addr: ffffffffffffffff"},
		{"00000018 00000006 00000001 00000000" + "00000001 00000000 0000000000000000 0000000000001000",
			"rdma: Zero page with non-zero (1) value"},
		{"00000018 00000006 00000001 00000000" + "00000000 00000005 0000000000000000 0000000000001000",
			"rdma: 'compress' bad block index 5 (vs 2)"},
		{"00000018 00000006 00000001 00000000" + "00000000 00000000 0000000000000000 0000000000301000",
			"rdma: bad 'compress' range for block big offset: 0 length: 301000"},
		{"00000018 00000006 00000001 00000000" + "00000000 00000001 0000000000300000 ffffffffffffffff",
			"rdma: bad 'compress' range for block small offset: 300000 length: ffffffffffffffff"},
		{"00000018 00000006 00000001 00000000" + "00000000 00000001 0000000000300001 0000000000000001",
			"rdma: bad 'compress' range for block small offset: 300001 length: 1"},
		{"00000018 0000000a 00000001 00000000" + "0000000000000000 00000000 00000000 0000000000000000",
			"rdma: bad chunk for block big chunk: 0"},
		{"00000018 0000000a 00000001 00000000" + "ffffffffffffffff 00000000 00000000 0000000000000000",
			"rdma: bad chunk for block big chunk: ffffffffffffffff"},
		{"00000010 00000008 00000001 00000000" + "00000001 00000000 0000000000000000", "Invalid RESULT message at dest."},
		{"00000000 00000001 00000001 00000000", "Unknown control message ERROR"},
		{"00000000 00000063 00000001 00000000", "Unknown control message ??BAD CONTROL VALUE??"},
		{"00000001 00000003 00000000 00000000 00", "Unknown control message QEMU FILE"},
		{"00000008 00000009 00000001 00000000", "Malformed length: 8 byte_len 16"},
		{"0102", "Malformed length: 0 byte_len 2"},
	} {
		p, conn, _ := puppetSource(t, "0000000100000000")
		tg, _, _, _ := target(t, conn)
		done := make(chan error)
		go func() { done <- tg.Serve() }()
		p.hears(ready)
		p.says("%s", c.says)
		if err := <-done; err == nil || err.Error() != c.want {
			t.Errorf("got %v\nwant %s", err, c.want)
		}
		tg.Close()
		go conn.Close()
		p.hears("00000000 00000001 00000001 00000000")
	}
}

// Bytes of the stream where the source should have kept silent.
func TestStreamBytesBehindTheHook(t *testing.T) {
	p, c, _ := puppetSource(t, "0000000100000000")
	done := make(chan error)
	go func() {
		_, err := c.Read(make([]byte, 8))
		done <- err
	}()
	p.hears(ready)
	p.says("00000009 00000003 00000000 00000000 000000000000008000")
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	tg, _, _, _ := target(t, c)
	if err := tg.Serve(); err == nil || err.Error() != "rdma: 1 bytes of the stream where messages are to come" {
		t.Error(err)
	}
}
