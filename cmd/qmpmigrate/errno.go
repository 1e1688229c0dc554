package main

import (
	"errors"
	"syscall"
)

// reason takes the system's reason out of an error, worded as the C library does.
func reason(err error) error {
	var errno syscall.Errno
	if !errors.As(err, &errno) {
		return err
	}
	text := errno.Error()
	if len(text) > 0 && text[0] >= 'a' && text[0] <= 'z' {
		text = string(text[0]-'a'+'A') + text[1:]
	}
	return &worded{text, errno}
}

type worded struct {
	text string
	err  error
}

func (w *worded) Error() string { return w.text }

func (w *worded) Unwrap() error { return w.err }
