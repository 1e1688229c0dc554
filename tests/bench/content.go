package main

import (
	"bufio"
	"io"
	"math/rand/v2"
	"os"

	"qmpmigrate/core/memory"
)

// A content is what the memory to be moved holds: fill makes one page of it. Both programs get the same.
type content struct {
	name string
	fill func(page []byte, noise *rand.ChaCha8)
}

// noisy is memory that nothing makes smaller.
func noisy() content {
	return content{"incompressible memory", func(page []byte, noise *rand.ChaCha8) { _, _ = noise.Read(page) }}
}

// zeros is memory without anything.
func zeros() content {
	return content{"zero memory", func(page []byte, _ *rand.ChaCha8) { clear(page) }}
}

// patchy is memory of which every second page, by chance, has nothing in it.
func patchy() content {
	return content{"memory of which half of the pages are zero, by chance", func(page []byte, noise *rand.ChaCha8) {
		if noise.Uint64()&1 == 0 {
			clear(page)
			return
		}
		_, _ = noise.Read(page)
	}}
}

const (
	dictionary  = 512 // words
	noiseShare  = 4   // one piece in so many is noise
	pieceLength = 256
)

// halved is memory that compresses to about a half: of four pieces three are made of words, and one is noise.
func halved() content {
	seed := rand.NewChaCha8([32]byte{1})
	words := make([][]byte, dictionary)
	for i := range words {
		words[i] = make([]byte, 6+seed.Uint64()%8)
		for j := range words[i] {
			words[i][j] = byte('a' + seed.Uint64()%26)
		}
		words[i][0] = ' '
	}
	return content{"memory that compresses to a half", func(page []byte, noise *rand.ChaCha8) {
		for at := 0; at < len(page); at += pieceLength {
			piece := page[at:][:pieceLength]
			if at/pieceLength%noiseShare == 0 {
				_, _ = noise.Read(piece)
				continue
			}
			for n := 0; n < len(piece); {
				n += copy(piece[n:], words[noise.Uint64()%dictionary])
			}
		}
	}}
}

// write makes a file of so many MiB of it.
func (c content) write(path string, size int64) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	err = c.writeTo(file, size<<20/memory.PageSize)
	if cerr := file.Close(); err == nil {
		err = cerr
	}
	return err
}

func (c content) writeTo(file io.Writer, pages int64) error {
	out := bufio.NewWriterSize(file, 1<<20)
	noise := rand.NewChaCha8([32]byte{2})
	page := make([]byte, memory.PageSize)
	for range pages {
		c.fill(page, noise)
		if _, err := out.Write(page); err != nil {
			return err
		}
	}
	return out.Flush()
}
