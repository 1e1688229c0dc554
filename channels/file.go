package channels

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// fdsetPrefix begins the paths of descriptors that were handed to a monitor.
const fdsetPrefix = "/dev/fdset/"

// createFile opens a file for writing from the offset on. What it held before the offset stays, what came after is cut.
func createFile(a FileAddress) (Conn, error) {
	file, err := a.open(os.O_WRONLY|os.O_CREATE, "Could not create '"+a.Path+"'")
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil && info.Mode().IsRegular() {
		err = file.Truncate(int64(a.Offset))
	}
	if err != nil {
		file.Close()
		return nil, fail(fmt.Sprintf("failed to truncate migration file to offset %x", a.Offset), err)
	}
	return a.stream(file)
}

// openFile opens a file for reading from the offset on.
func openFile(a FileAddress) (Conn, error) {
	file, err := a.open(os.O_RDONLY, "Could not open '"+a.Path+"'")
	if err != nil {
		return nil, err
	}
	return a.stream(file)
}

// open opens the path at the offset. A named pipe has no offsets and is refused, without waiting for its other end.
func (a FileAddress) open(flags int, failure string) (*os.File, error) {
	file := a.File
	if file == nil {
		if number, isSet := strings.CutPrefix(a.Path, fdsetPrefix); isSet {
			return nil, fdsetError(a.Path, number)
		}
		var err error
		if file, err = os.OpenFile(a.Path, flags|syscall.O_NONBLOCK, 0o600); err != nil {
			return nil, fail(failure, err)
		}
	}
	if _, err := file.Seek(int64(a.Offset), io.SeekStart); err != nil {
		file.Close()
		return nil, fail(failure, err)
	}
	return file, nil
}

func (a FileAddress) stream(file *os.File) (Conn, error) {
	return newStream(file, a.String(), nounFile)
}

func fdsetError(path, number string) error {
	if _, err := strconv.ParseUint(number, 10, 63); err != nil {
		return fmt.Errorf("Could not parse fdset %s", path)
	}
	return fmt.Errorf("Failed to find fdset %s", path)
}
