package trace

// Events of postcopy, and of how it is recovered.
const (
	PostcopyStart                  Name = "postcopy_start"
	PostcopyStartSetRun            Name = "postcopy_start_set_run"
	PostcopyPauseContinued         Name = "postcopy_pause_continued"
	PostcopySendDiscardBitmap      Name = "ram_postcopy_send_discard_bitmap"
	PostcopyDiscardSendRange       Name = "postcopy_discard_send_range"
	PostcopyDiscardSendFinish      Name = "postcopy_discard_send_finish"
	SaveQueuePages                 Name = "ram_save_queue_pages"
	GetQueuedPage                  Name = "get_queued_page"
	GetQueuedPageNotDirty          Name = "get_queued_page_not_dirty"
	PreemptSendHostPage            Name = "postcopy_preempt_send_host_page"
	RAMDirtyBitmapRequest          Name = "ram_dirty_bitmap_request"
	RAMDirtyBitmapSyncStart        Name = "ram_dirty_bitmap_sync_start"
	RAMDirtyBitmapSyncWait         Name = "ram_dirty_bitmap_sync_wait"
	RAMDirtyBitmapSyncComplete     Name = "ram_dirty_bitmap_sync_complete"
	RAMDirtyBitmapReloadBegin      Name = "ram_dirty_bitmap_reload_begin"
	RAMDirtyBitmapReloadComplete   Name = "ram_dirty_bitmap_reload_complete"
	LoadvmPostcopyAdvise           Name = "loadvm_postcopy_handle_advise"
	LoadvmPostcopyListen           Name = "loadvm_postcopy_handle_listen"
	LoadvmPostcopyRun              Name = "loadvm_postcopy_handle_run"
	LoadvmPostcopyResume           Name = "loadvm_postcopy_handle_resume"
	LoadvmPostcopyDiscard          Name = "loadvm_postcopy_ram_handle_discard"
	LoadvmPostcopyDiscardHeader    Name = "loadvm_postcopy_ram_handle_discard_header"
	LoadvmPostcopyDiscardEnd       Name = "loadvm_postcopy_ram_handle_discard_end"
	LoadvmRecvBitmap               Name = "loadvm_handle_recv_bitmap"
	RAMDiscardRange                Name = "ram_discard_range"
	PostcopyEnableNotify           Name = "postcopy_ram_enable_notify"
	PostcopyListenStart            Name = "postcopy_ram_listen_thread_start"
	PostcopyListenExit             Name = "postcopy_ram_listen_thread_exit"
	PostcopyPauseIncoming          Name = "postcopy_pause_incoming"
	PostcopyPauseIncomingContinued Name = "postcopy_pause_incoming_continued"
	RAMLoadPostcopyLoop            Name = "ram_load_postcopy_loop"
	PostcopyPlacePage              Name = "postcopy_place_page"
	PostcopyPlacePageZero          Name = "postcopy_place_page_zero"
	PostcopyPageReqAdd             Name = "postcopy_page_req_add"
	PostcopyPageReqDel             Name = "postcopy_page_req_del"
	PostcopyPreemptNewChannel      Name = "postcopy_preempt_new_channel"
	PostcopyPreemptEntry           Name = "postcopy_preempt_thread_entry"
	PostcopyPreemptExit            Name = "postcopy_preempt_thread_exit"
)

func postcopyNames() []Name {
	return []Name{
		PostcopyStart, PostcopyStartSetRun, PostcopyPauseContinued, PostcopySendDiscardBitmap,
		PostcopyDiscardSendRange, PostcopyDiscardSendFinish, SaveQueuePages, GetQueuedPage, GetQueuedPageNotDirty, PreemptSendHostPage,
		RAMDirtyBitmapRequest, RAMDirtyBitmapSyncStart, RAMDirtyBitmapSyncWait, RAMDirtyBitmapSyncComplete,
		RAMDirtyBitmapReloadBegin, RAMDirtyBitmapReloadComplete, LoadvmPostcopyAdvise, LoadvmPostcopyListen,
		LoadvmPostcopyRun, LoadvmPostcopyResume, LoadvmPostcopyDiscard, LoadvmPostcopyDiscardHeader,
		LoadvmPostcopyDiscardEnd, LoadvmRecvBitmap, RAMDiscardRange, PostcopyEnableNotify, PostcopyListenStart,
		PostcopyListenExit, PostcopyPauseIncoming, PostcopyPauseIncomingContinued, RAMLoadPostcopyLoop,
		PostcopyPlacePage, PostcopyPlacePageZero, PostcopyPageReqAdd,
		PostcopyPageReqDel, PostcopyPreemptNewChannel, PostcopyPreemptEntry, PostcopyPreemptExit,
	}
}
