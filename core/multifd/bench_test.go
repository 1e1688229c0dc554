package multifd

import "testing"

// BenchmarkEncode is one packet's payload, and that it takes no memory.
func BenchmarkEncode(b *testing.B) {
	for name, m := range methods {
		b.Run(name, func(b *testing.B) {
			e, pages := newEncoder(b, m, 1), cut((&text{x: 1}).pages(PacketPages))
			payload := make([]byte, 0, MaxPayload)
			b.SetBytes(PacketPages * pageSize)
			b.ReportAllocs()
			for b.Loop() {
				var err error
				if payload, err = e.Encode(payload[:0], pages); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkDecode is the way back.
func BenchmarkDecode(b *testing.B) {
	for name, m := range methods {
		b.Run(name, func(b *testing.B) {
			e, d := newEncoder(b, m, 1), newDecoder(b, m)
			pages := cut((&text{x: 1}).pages(PacketPages))
			payload := make([]byte, 0, MaxPayload)
			b.SetBytes(PacketPages * pageSize)
			b.ReportAllocs()
			for b.Loop() {
				b.StopTimer()
				var err error
				if payload, err = e.Encode(payload[:0], pages); err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
				if err := d.Decode(pages, payload); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
