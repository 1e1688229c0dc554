package emulator

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// SaveMemory writes the first size bytes of guest-physical memory to a file in the emulator's folder and
// returns its path. Only emulators with pmemsave can do it.
func (e *Emulator) SaveMemory(ctx context.Context, size int64) (string, error) {
	return e.saveMemory(ctx, 0, size)
}

func (e *Emulator) saveMemory(ctx context.Context, at, size int64) (string, error) {
	path := filepath.Join(e.Dir, "memory")
	err := e.Execute(ctx, "pmemsave", map[string]any{"val": at, "size": size, "filename": path}, nil)
	return path, err
}

// ReadMemory returns some guest-physical memory.
func (e *Emulator) ReadMemory(ctx context.Context, at, size int64) ([]byte, error) {
	path, err := e.saveMemory(ctx, at, size)
	if err != nil {
		return nil, err
	}
	defer os.Remove(path)
	return os.ReadFile(path)
}

// SameMemory compares the first size bytes of guest-physical memory of two emulators whose guests are
// stopped. The error names the first page that differs and how many do.
func SameMemory(ctx context.Context, a, b *Emulator, size int64) error {
	return compareMemory(ctx, a, b, size, nil)
}

// SameRAM is SameMemory for a QEMU and a qmpmigrate that parks its machine, which knows nothing of what firmware
// mapped into the first MiB.
func SameRAM(ctx context.Context, a, b *Emulator, size int64) error {
	return compareMemory(ctx, a, b, size, func(at int64, pageA, pageB []byte) {
		if at < 1<<20 {
			copy(pageA, pageB)
		}
	})
}

// compareMemory lets look, unless it is nil, see and change each pair of pages before they are compared.
func compareMemory(ctx context.Context, a, b *Emulator, size int64, look lookAt) error {
	pathA, err := a.SaveMemory(ctx, size)
	if err != nil {
		return err
	}
	defer os.Remove(pathA)
	pathB, err := b.SaveMemory(ctx, size)
	if err != nil {
		return err
	}
	defer os.Remove(pathB)
	return sameFiles(pathA, pathB, size, look)
}

// lookAt takes the pages at an address in both memories.
type lookAt func(at int64, a, b []byte)

const pageSize = 4096

// sameFiles compares two files of size bytes page by page.
func sameFiles(a, b string, size int64, look lookAt) error {
	fileA, err := os.Open(a)
	if err != nil {
		return err
	}
	defer fileA.Close()
	fileB, err := os.Open(b)
	if err != nil {
		return err
	}
	defer fileB.Close()
	return samePages(bufio.NewReaderSize(fileA, 1<<20), bufio.NewReaderSize(fileB, 1<<20), size, look)
}

func samePages(a, b io.Reader, size int64, look lookAt) error {
	var pageA, pageB [pageSize]byte
	differing, first, where := 0, int64(0), 0
	for at := int64(0); at < size; at += pageSize {
		n := min(pageSize, size-at)
		if _, err := io.ReadFull(a, pageA[:n]); err != nil {
			return fmt.Errorf("first memory at %#x: %w", at, err)
		}
		if _, err := io.ReadFull(b, pageB[:n]); err != nil {
			return fmt.Errorf("second memory at %#x: %w", at, err)
		}
		if look != nil {
			look(at, pageA[:n], pageB[:n])
		}
		if bytes.Equal(pageA[:n], pageB[:n]) {
			continue
		}
		if differing++; differing == 1 {
			first, where = at, firstDifference(pageA[:n], pageB[:n])
		}
	}
	if differing > 0 {
		return fmt.Errorf("memory differs in %d pages, first at %#x", differing, first+int64(where))
	}
	return nil
}

func firstDifference(a, b []byte) int {
	for i := range a {
		if a[i] != b[i] {
			return i
		}
	}
	return len(a)
}
