package soft

import (
	"fmt"
	"io"

	"qmpmigrate/core/rdma/verbs"
)

// status is what a hello says of itself.
type status uint8

const (
	wants   status = 0 // who connects wants to; who is connected to agrees
	refuses status = 1
)

func sayHello(w io.Writer, s status, private []byte) error {
	b := append([]byte(helloMagic), byte(s), byte(len(private)))
	_, err := w.Write(append(b, private...))
	return err
}

func hearHello(r io.Reader) (private []byte, err error) {
	var b [helloSize]byte
	if _, err := io.ReadFull(r, b[:]); err != nil {
		return nil, err
	}
	if string(b[:len(helloMagic)]) != helloMagic {
		return nil, fmt.Errorf("the peer does not speak this software RDMA: it says %q", b[:len(helloMagic)])
	}
	if status(b[len(helloMagic)]) != wants {
		return nil, verbs.ErrRejected
	}
	private = make([]byte, b[len(helloMagic)+1]) // 255 bytes at most
	if _, err := io.ReadFull(r, private); err != nil {
		return nil, err
	}
	if len(private) > verbs.MaxPrivate {
		return nil, fmt.Errorf("private data of %d bytes", len(private))
	}
	return private, nil
}
