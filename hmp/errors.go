package hmp

import "strings"

// HintedError is an error with more to say about it.
type HintedError struct {
	Text  string
	Hints []string // lines that follow
}

func (e *HintedError) Error() string { return e.Text }

// Help is an error that says that help was asked for, with its text of whole lines.
type Help string

func (h Help) Error() string { return strings.TrimSuffix(string(h), "\n") }
