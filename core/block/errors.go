package block

import (
	"errors"
	"syscall"
)

var (
	errClosed   = errors.New("the disk is closed")
	errReadOnly = error(syscall.EPERM)
)
