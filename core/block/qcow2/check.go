package qcow2

func (i *Image) repair() error { return notYet("A qcow2 image that was not closed in order") }
