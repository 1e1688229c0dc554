package trace

// Events of memory: ram and its lanes.
const (
	MigrationBitmapSyncStart   Name = "migration_bitmap_sync_start"
	MigrationBitmapSyncEnd     Name = "migration_bitmap_sync_end"
	RAMSavePage                Name = "ram_save_page"
	RAMLoadLoop                Name = "ram_load_loop"
	RAMLoadStart               Name = "ram_load_start"
	RAMLoadComplete            Name = "ram_load_complete"
	PagecacheInit              Name = "migration_pagecache_init"
	SaveXBZRLESkipping         Name = "save_xbzrle_page_skipping"
	SaveXBZRLEOverflow         Name = "save_xbzrle_page_overflow"
	MultifdNewSendChannel      Name = "multifd_new_send_channel_async"
	MultifdNewSendChannelError Name = "multifd_new_send_channel_async_error"
	MultifdSetOutgoingChannel  Name = "multifd_set_outgoing_channel"
	MultifdSendFill            Name = "multifd_send_fill"
	MultifdSendRAMFill         Name = "multifd_send_ram_fill"
	MultifdSendError           Name = "multifd_send_error"
	MultifdSendSyncMain        Name = "multifd_send_sync_main"
	MultifdSendSyncSignal      Name = "multifd_send_sync_main_signal"
	MultifdSendSyncWait        Name = "multifd_send_sync_main_wait"
	MultifdSendThreadStart     Name = "multifd_send_thread_start"
	MultifdSendThreadEnd       Name = "multifd_send_thread_end"
	MultifdSendTerminate       Name = "multifd_send_terminate_threads"
	MultifdRecvNewChannel      Name = "multifd_recv_new_channel"
	MultifdRecvUnfill          Name = "multifd_recv_unfill"
	MultifdRecvSyncMain        Name = "multifd_recv_sync_main"
	MultifdRecvSyncSignal      Name = "multifd_recv_sync_main_signal"
	MultifdRecvSyncWait        Name = "multifd_recv_sync_main_wait"
	MultifdRecvThreadStart     Name = "multifd_recv_thread_start"
	MultifdRecvThreadEnd       Name = "multifd_recv_thread_end"
	MultifdRecvTerminate       Name = "multifd_recv_terminate_threads"
)

func memoryNames() []Name {
	return []Name{
		MigrationBitmapSyncStart, MigrationBitmapSyncEnd, RAMSavePage, RAMLoadLoop, RAMLoadStart, RAMLoadComplete,
		PagecacheInit, SaveXBZRLESkipping, SaveXBZRLEOverflow,
		MultifdNewSendChannel, MultifdNewSendChannelError, MultifdSetOutgoingChannel, MultifdSendFill,
		MultifdSendRAMFill, MultifdSendError, MultifdSendSyncMain, MultifdSendSyncSignal, MultifdSendSyncWait,
		MultifdSendThreadStart, MultifdSendThreadEnd, MultifdSendTerminate, MultifdRecvNewChannel,
		MultifdRecvUnfill, MultifdRecvSyncMain, MultifdRecvSyncSignal, MultifdRecvSyncWait,
		MultifdRecvThreadStart, MultifdRecvThreadEnd, MultifdRecvTerminate,
	}
}
