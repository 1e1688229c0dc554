package trace

// Events of disks and their dirty bitmaps.
const (
	BlockInitFull             Name = "migration_block_init_full"
	BlockInitShared           Name = "migration_block_init_shared"
	BlockSave                 Name = "migration_block_save"
	BlockSaveComplete         Name = "migration_block_save_complete"
	BlockSaveDeviceDirty      Name = "migration_block_save_device_dirty"
	BlockStatePending         Name = "migration_block_state_pending"
	BlockProgression          Name = "migration_block_progression"
	SendBitmapHeader          Name = "send_bitmap_header_enter"
	SendBitmapBits            Name = "send_bitmap_bits"
	DirtyBitmapSaveIterate    Name = "dirty_bitmap_save_iterate"
	DirtyBitmapCompleteEnter  Name = "dirty_bitmap_save_complete_enter"
	DirtyBitmapCompleteFinish Name = "dirty_bitmap_save_complete_finish"
	DirtyBitmapStatePending   Name = "dirty_bitmap_state_pending"
	DirtyBitmapLoadEnter      Name = "dirty_bitmap_load_enter"
	DirtyBitmapLoadSuccess    Name = "dirty_bitmap_load_success"
	DirtyBitmapLoadHeader     Name = "dirty_bitmap_load_header"
	DirtyBitmapLoadComplete   Name = "dirty_bitmap_load_complete"
	DirtyBitmapLoadBits       Name = "dirty_bitmap_load_bits_enter"
	DirtyBitmapLoadZeroes     Name = "dirty_bitmap_load_bits_zeroes"
)

func diskNames() []Name {
	return []Name{
		BlockInitFull, BlockInitShared, BlockSave, BlockSaveComplete, BlockSaveDeviceDirty, BlockStatePending,
		BlockProgression, SendBitmapHeader, SendBitmapBits, DirtyBitmapSaveIterate, DirtyBitmapCompleteEnter,
		DirtyBitmapCompleteFinish, DirtyBitmapStatePending, DirtyBitmapLoadEnter, DirtyBitmapLoadSuccess,
		DirtyBitmapLoadHeader, DirtyBitmapLoadComplete, DirtyBitmapLoadBits, DirtyBitmapLoadZeroes,
	}
}
