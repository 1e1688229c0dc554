package disks

import (
	"context"

	"qmpmigrate/core/block"
	"qmpmigrate/core/block/images"
	"qmpmigrate/qapi"
)

// BlockdevAdd is blockdev-add.
func (s *Set) BlockdevAdd(_ context.Context, o *qapi.BlockdevOptions) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if o.NodeName == nil {
		return qapi.Errorf("'node-name' must be specified for the root node")
	}
	if *o.NodeName == "" {
		return qapi.Errorf("Invalid node-name: ''")
	}
	if err := unfit(o); err != nil {
		return err
	}
	n, err := s.opener().Add(imageOptions(o))
	if err != nil {
		return err
	}
	s.noteSettings(n, o)
	return nil
}

// imageOptions are o as images are opened by them.
func imageOptions(o *qapi.BlockdevOptions) images.Options {
	out := images.Options{
		Driver: string(o.Driver), NodeName: value(o.NodeName), ReadOnly: value(o.ReadOnly), AutoReadOnly: value(o.AutoReadOnly),
		Inactive: o.Active != nil && !*o.Active, Shared: value(o.ForceShare),
	}
	switch {
	case o.File != nil:
		out.Filename, out.Unlocked = o.File.Filename, unlocked(o.File)
	case o.HostDevice != nil:
		out.Filename, out.Unlocked = o.HostDevice.Filename, unlocked(o.HostDevice)
	case o.NullCo != nil:
		out.Size = value(o.NullCo.Size)
	case o.Raw != nil:
		out.File, out.Offset, out.Size = within(o, o.Raw.File.Definition, o.Raw.File.Reference), value(o.Raw.Offset), value(o.Raw.Size)
	case o.Qcow2 != nil:
		out.File = within(o, o.Qcow2.File.Definition, o.Qcow2.File.Reference)
		if b := o.Qcow2.Backing; b != nil {
			out.Backing = within(nil, b.Definition, b.Reference)
		}
		if d := o.Qcow2.DataFile; d != nil {
			out.Data = within(o, d.Definition, d.Reference)
		}
	}
	return out
}

// within is a node beneath another: what is not said of it is as with that.
func within(parent, definition *qapi.BlockdevOptions, reference *string) *images.Ref {
	if definition == nil {
		return &images.Ref{Node: value(reference)}
	}
	inner := *definition
	if parent != nil && inner.AutoReadOnly == nil {
		inner.AutoReadOnly = parent.AutoReadOnly
	}
	return &images.Ref{Options: new(imageOptions(&inner))}
}

func unlocked(o *qapi.BlockdevOptionsFile) bool {
	return o.Locking != nil && *o.Locking == qapi.OnOffAutoOff
}

// noteSettings keeps what was asked for with a node and those beneath it. Callers hold mu.
func (s *Set) noteSettings(n *block.Node, o *qapi.BlockdevOptions) {
	c := settings{detectZeroes: qapi.BlockdevDetectZeroesOptionsOff}
	if o.DetectZeroes != nil {
		c.detectZeroes = *o.DetectZeroes
	}
	if o.Cache != nil {
		c.direct, c.noFlush = value(o.Cache.Direct), value(o.Cache.NoFlush)
	}
	s.note(n, c)
}

func (s *Set) note(n *block.Node, c settings) {
	s.nodes[n] = c
	c.detectZeroes = qapi.BlockdevDetectZeroesOptionsOff
	for _, child := range n.Children() {
		if _, known := s.nodes[child.Node]; !known {
			s.note(child.Node, c)
		}
	}
}

// value is what a pointer leads to; the zero value for nil.
func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}
