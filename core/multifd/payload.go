package multifd

import "fmt"

// appender is a writer into memory: what codecs write to.
type appender struct{ bytes []byte }

func (a *appender) Write(p []byte) (int, error) {
	a.bytes = append(a.bytes, p...)
	return len(p), nil
}

// taken gives what was appended, and holds it no more.
func (a *appender) taken() []byte {
	b := a.bytes
	a.bytes = nil
	return b
}

// tooMuch is the error of a payload that holds more than its packet's pages.
func tooMuch(pages [][]byte, more int) error {
	var size int
	for _, p := range pages {
		size += len(p)
	}
	return fmt.Errorf("packet size received %d size expected %d", size+more, size)
}
