package disks

import (
	"context"
	"math/bits"

	"qmpmigrate/core/block"
	"qmpmigrate/qapi"
)

// Bounds of bitmaps.
const (
	// maxBitmapName is the longest name, in bytes.
	maxBitmapName = 1023
	// maxPieces bounds what a bitmap takes of memory: 32 MiB.
	maxPieces = 1 << 28
	// minGranularity is the smallest piece that a bit stands for, in bytes.
	minGranularity = 512
)

// BlockDirtyBitmapAdd is block-dirty-bitmap-add.
func (s *Set) BlockDirtyBitmapAdd(_ context.Context, args *qapi.BlockDirtyBitmapAdd) error {
	_, _, err := s.addBitmap(args)
	return err
}

func (s *Set) addBitmap(args *qapi.BlockDirtyBitmapAdd) (*block.Node, *block.Bitmap, error) {
	if args.Name == "" {
		return nil, nil, qapi.Errorf("Bitmap name cannot be empty")
	}
	n, err := s.lookup(args.Node)
	if err != nil {
		return nil, nil, err
	}
	granularity := defaultGranularity(n)
	if args.Granularity != nil {
		granularity = int64(*args.Granularity)
		if granularity < minGranularity || bits.OnesCount32(*args.Granularity) != 1 {
			return nil, nil, qapi.Errorf("Granularity must be power of 2 and at least 512")
		}
	}
	persistent := args.Persistent != nil && *args.Persistent
	if persistent {
		if err := s.canPersist(n, args.Name, granularity); err != nil {
			return nil, nil, err
		}
	}
	switch {
	case n.Bitmap(args.Name) != nil:
		return nil, nil, qapi.Errorf("Bitmap already exists: %s", args.Name)
	case len(args.Name) > maxBitmapName:
		return nil, nil, qapi.Errorf("Bitmap name too long: %s", args.Name)
	case n.Size()/granularity >= maxPieces:
		return nil, nil, qapi.Errorf("Bitmap '%s' would be too large: a granularity of %d is too small for the disk", args.Name, granularity)
	}
	b := block.NewBitmap(args.Name, granularity, n.Size())
	b.SetState(func(st *block.State) {
		st.Enabled, st.Persistent = args.Disabled == nil || !*args.Disabled, persistent
	})
	n.AddBitmap(b)
	return n, b, nil
}

// defaultGranularity is that of the image's clusters, within bounds.
func defaultGranularity(n *block.Node) int64 {
	if cluster := n.Info().ClusterSize; cluster > 0 {
		return min(max(cluster, 4096), block.DefaultGranularity)
	}
	return block.DefaultGranularity
}

// canPersist says why an image cannot keep bitmaps.
func (s *Set) canPersist(n *block.Node, name string, granularity int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n.Driver() != string(qapi.BlockdevDriverQcow2) {
		return qapi.Errorf("Can't store persistent bitmaps to %s: Operation not supported", s.nameOf(n))
	}
	return n.CanStoreBitmap(name, granularity)
}

// bitmap finds one.
func (s *Set) bitmap(node, name string) (*block.Node, *block.Bitmap, error) {
	n, err := s.lookup(node)
	if err != nil {
		return nil, nil, qapi.Errorf("Node '%s' not found", node)
	}
	b := n.Bitmap(name)
	if b == nil {
		return nil, nil, errNoBitmap(name)
	}
	return n, b, nil
}

func errNoBitmap(name string) error { return qapi.Errorf("Dirty bitmap '%s' not found", name) }

// usable refuses a bitmap that something else uses, or that is not whole.
func usable(b *block.Bitmap) error {
	switch state := b.State(); {
	case state.Busy:
		return qapi.Errorf("Bitmap '%s' is currently in use by another operation and cannot be used", b.Name())
	case state.Inconsistent:
		return qapi.Errorf("Bitmap '%s' is inconsistent and cannot be used", b.Name())
	}
	return nil
}

// changeable finds a bitmap that can be changed.
func (s *Set) changeable(args *qapi.BlockDirtyBitmap) (*block.Bitmap, error) {
	_, b, err := s.bitmap(args.Node, args.Name)
	if err != nil {
		return nil, err
	}
	return b, usable(b)
}

// removable finds a bitmap that can be removed, as one that is not whole can.
func (s *Set) removable(args *qapi.BlockDirtyBitmap) (*block.Node, *block.Bitmap, error) {
	n, b, err := s.bitmap(args.Node, args.Name)
	if err != nil {
		return nil, nil, err
	}
	if b.State().Busy {
		return nil, nil, usable(b)
	}
	return n, b, nil
}

// BlockDirtyBitmapRemove is block-dirty-bitmap-remove.
func (s *Set) BlockDirtyBitmapRemove(_ context.Context, args *qapi.BlockDirtyBitmap) error {
	n, b, err := s.removable(args)
	if err == nil {
		n.RemoveBitmap(b)
	}
	return err
}

// BlockDirtyBitmapClear is block-dirty-bitmap-clear.
func (s *Set) BlockDirtyBitmapClear(_ context.Context, args *qapi.BlockDirtyBitmap) error {
	b, err := s.changeable(args)
	if err == nil {
		b.Clear(0, b.Size())
	}
	return err
}

// BlockDirtyBitmapEnable is block-dirty-bitmap-enable.
func (s *Set) BlockDirtyBitmapEnable(_ context.Context, args *qapi.BlockDirtyBitmap) error {
	return s.enable(args, true)
}

// BlockDirtyBitmapDisable is block-dirty-bitmap-disable.
func (s *Set) BlockDirtyBitmapDisable(_ context.Context, args *qapi.BlockDirtyBitmap) error {
	return s.enable(args, false)
}

func (s *Set) enable(args *qapi.BlockDirtyBitmap, on bool) error {
	b, err := s.changeable(args)
	if err == nil {
		b.SetState(func(st *block.State) { st.Enabled = on })
	}
	return err
}

// XDebugBlockDirtyBitmapSha256 is x-debug-block-dirty-bitmap-sha256.
func (s *Set) XDebugBlockDirtyBitmapSha256(_ context.Context, args *qapi.BlockDirtyBitmap) (*qapi.BlockDirtyBitmapSha256, error) {
	_, b, err := s.bitmap(args.Node, args.Name)
	if err != nil {
		return nil, err
	}
	return &qapi.BlockDirtyBitmapSha256{Sha256: b.SHA256()}, nil
}
