package vmstate

import (
	"syscall"

	"qmpmigrate/core/stream"
)

const wordBits = 64

// Bitmap is as many bits as Count says, or all of words without it, rounded up to whole words.
// Bit i is bit i%64 of words[i/64]; each word is eight big-endian bytes.
func Bitmap(name string, words []uint64, options ...Option) Field {
	return newField(name, &bitmap{words: func() []uint64 { return words }, bits: len(words) * wordBits}, options)
}

// AllocBitmap is a bitmap whose memory is made anew on load, at most max bits.
func AllocBitmap(name string, words *[]uint64, max int, options ...Option) Field {
	return newField(name, &bitmap{
		words: func() []uint64 { return *words },
		grow:  func(n int) { *words = make([]uint64, n) },
		bits:  max,
	}, options)
}

type bitmap struct {
	words func() []uint64
	grow  func(words int)
	bits  int
}

func (*bitmap) typeName(int) string { return "bitmap" }
func (*bitmap) uniform() bool       { return false }
func (b *bitmap) limit() int        { return b.bits }
func (*bitmap) elements(int) int    { return 1 }

func wordCount(bits int) int { return (bits + wordBits - 1) / wordBits }

func (b *bitmap) prepare(n int) {
	if b.grow != nil {
		b.grow(wordCount(n))
	}
}

func (b *bitmap) save(w *stream.Writer, _ *DescWriter, _, n int) error {
	words := b.words()
	if wordCount(n) > len(words) {
		return fail(syscall.EINVAL, "there are only %d words", len(words))
	}
	for _, word := range words[:wordCount(n)] {
		w.U64(word)
	}
	return nil
}

func (b *bitmap) load(r *stream.Reader, _, n int) error {
	words := b.words()[:wordCount(n)]
	for i := range words {
		words[i] = r.U64()
	}
	return nil
}
