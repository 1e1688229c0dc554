package disks

import (
	"context"

	"qmpmigrate/core/block"
	"qmpmigrate/qapi"
)

// BlockDirtyBitmapMerge is block-dirty-bitmap-merge.
func (s *Set) BlockDirtyBitmapMerge(_ context.Context, args *qapi.BlockDirtyBitmapMerge) error {
	target, sources, err := s.merging(args)
	if err != nil {
		return err
	}
	for _, b := range sources {
		merge(target, b)
	}
	return nil
}

// merging finds what is to be merged into what, and refuses what cannot be.
func (s *Set) merging(args *qapi.BlockDirtyBitmapMerge) (target *block.Bitmap, sources []*block.Bitmap, err error) {
	n, target, err := s.bitmap(args.Node, args.Target)
	if err != nil {
		return nil, nil, err
	}
	for _, ref := range args.Bitmaps {
		var b *block.Bitmap
		if ref.Local != nil {
			if b = n.Bitmap(*ref.Local); b == nil {
				return nil, nil, errNoBitmap(*ref.Local)
			}
		} else if _, b, err = s.bitmap(ref.External.Node, ref.External.Name); err != nil {
			return nil, nil, err
		}
		if err := usable(target); err != nil {
			return nil, nil, err
		}
		if err := usable(b); err != nil {
			return nil, nil, err
		}
		if target.Size() != b.Size() {
			return nil, nil, qapi.Errorf("Bitmaps are of different sizes (destination size is %d, source size is %d) and can't be merged",
				target.Size(), b.Size())
		}
		sources = append(sources, b)
	}
	return target, sources, nil
}

func merge(target, source *block.Bitmap) {
	if target == source {
		return
	}
	for off, ok := source.Next(0); ok; off, ok = source.Next(off + source.Granularity()) {
		target.Set(off, min(source.Granularity(), source.Size()-off))
	}
}
