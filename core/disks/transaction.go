package disks

import (
	"context"

	"qmpmigrate/core/block"
	"qmpmigrate/qapi"
)

var _ qapi.TransactionCommands = (*Set)(nil)

// Transaction is transaction: what its first actions did is undone if a later one fails.
func (s *Set) Transaction(_ context.Context, args *qapi.TransactionArgs) error {
	if p := args.Properties; p != nil && p.CompletionMode != nil && *p.CompletionMode == qapi.ActionCompletionModeGrouped {
		for _, a := range args.Actions {
			return qapi.Errorf("Action '%s' does not support transaction property completion-mode = %s", a.Type, *p.CompletionMode)
		}
	}
	var undo []func()
	for i := range args.Actions {
		back, err := s.act(&args.Actions[i])
		if err != nil {
			for j := len(undo) - 1; j >= 0; j-- {
				undo[j]()
			}
			return err
		}
		undo = append(undo, back)
	}
	return nil
}

// act carries one action out, and gives what undoes it.
func (s *Set) act(a *qapi.TransactionAction) (undo func(), err error) {
	switch a.Type {
	case qapi.TransactionActionKindBlockDirtyBitmapAdd:
		n, b, err := s.addBitmap(&a.BlockDirtyBitmapAdd.Data)
		return func() { n.RemoveBitmap(b) }, err
	case qapi.TransactionActionKindBlockDirtyBitmapRemove:
		n, b, err := s.removable(&a.BlockDirtyBitmapRemove.Data)
		if err != nil {
			return nil, err
		}
		n.RemoveBitmap(b)
		return func() { n.AddBitmap(b) }, nil
	case qapi.TransactionActionKindBlockDirtyBitmapClear:
		b, err := s.changeable(&a.BlockDirtyBitmapClear.Data)
		if err != nil {
			return nil, err
		}
		back := restoring(b)
		b.Clear(0, b.Size())
		return back, nil
	case qapi.TransactionActionKindBlockDirtyBitmapEnable:
		return s.switched(&a.BlockDirtyBitmapEnable.Data, true)
	case qapi.TransactionActionKindBlockDirtyBitmapDisable:
		return s.switched(&a.BlockDirtyBitmapDisable.Data, false)
	case qapi.TransactionActionKindBlockDirtyBitmapMerge:
		target, sources, err := s.merging(&a.BlockDirtyBitmapMerge.Data)
		if err != nil {
			return nil, err
		}
		back := restoring(target)
		for _, b := range sources {
			merge(target, b)
		}
		return back, nil
	}
	return nil, qapi.Errorf("Transaction aborted using Abort action")
}

func (s *Set) switched(args *qapi.BlockDirtyBitmap, on bool) (undo func(), err error) {
	b, err := s.changeable(args)
	if err != nil {
		return nil, err
	}
	was := b.State().Enabled
	b.SetState(func(st *block.State) { st.Enabled = on })
	return func() { b.SetState(func(st *block.State) { st.Enabled = was }) }, nil
}

// restoring keeps what is marked, and what was marked since.
func restoring(b *block.Bitmap) func() {
	words := make([]uint64, (b.Pieces()+63)/64)
	b.Words(0, words)
	return func() {
		b.Clear(0, b.Size())
		b.SetWords(0, words)
	}
}
