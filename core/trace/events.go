package trace

// Name is the name of an event: one that QEMU has, and that tells the same in
// the same form, wherever there is one.
type Name string

// The events of this build.
const (
	MigrateSetState              Name = "migrate_set_state"
	MigrateError                 Name = "migrate_error"
	MigrateTransferred           Name = "migrate_transferred"
	MigratePendingEstimate       Name = "migrate_pending_estimate"
	MigrationCancel              Name = "migration_cancel"
	MigrationThreadSetupComplete Name = "migration_thread_setup_complete"
	MigrationThreadLowPending    Name = "migration_thread_low_pending"
	MigrationThreadAfterLoop     Name = "migration_thread_after_loop"
	MigrationCompletionVMStop    Name = "migration_completion_vm_stop"
	MigrationCleanup             Name = "migration_cleanup"
	MigrationBitmapSyncStart     Name = "migration_bitmap_sync_start"
	MigrationBitmapSyncEnd       Name = "migration_bitmap_sync_end"
	MigrationThrottle            Name = "migration_throttle"
	CPUThrottleSet               Name = "cpu_throttle_set"
	CPUThrottleDirtySync         Name = "cpu_throttle_dirty_sync"
	MigrationExecOutgoing        Name = "migration_exec_outgoing"
	MigrationExecIncoming        Name = "migration_exec_incoming"
	MigrationFDOutgoing          Name = "migration_fd_outgoing"
	MigrationFDIncoming          Name = "migration_fd_incoming"
	MigrationFileOutgoing        Name = "migration_file_outgoing"
	MigrationFileIncoming        Name = "migration_file_incoming"
	MigrationSocketAccepted      Name = "migration_socket_incoming_accepted"
	MigrationSocketConnected     Name = "migration_socket_outgoing_connected"
	MigrationSocketError         Name = "migration_socket_outgoing_error"
	ProcessIncomingMigrationEnd  Name = "process_incoming_migration_co_end"
	MigrateHandleRPReqPages      Name = "migrate_handle_rp_req_pages"
	PostcopyStart                Name = "postcopy_start"
	PostcopyStartSetRun          Name = "postcopy_start_set_run"
	PostcopyPauseContinued       Name = "postcopy_pause_continued"
	RAMDirtyBitmapSyncStart      Name = "ram_dirty_bitmap_sync_start"
	RAMDirtyBitmapSyncComplete   Name = "ram_dirty_bitmap_sync_complete"
	MigrateGlobalStatePreSave    Name = "migrate_global_state_pre_save"
	MigrateGlobalStatePostLoad   Name = "migrate_global_state_post_load"
	PostcopyPreemptNewChannel    Name = "postcopy_preempt_new_channel"
	SavevmStateHeader            Name = "savevm_state_header"
	SavevmStateSetup             Name = "savevm_state_setup"
	SavevmSectionStart           Name = "savevm_section_start"
	SavevmSectionEnd             Name = "savevm_section_end"
	SavevmCommandSend            Name = "savevm_command_send"
	VmstateSave                  Name = "vmstate_save"
	VmstateLoad                  Name = "vmstate_load"
	VmstateDowntimeSave          Name = "vmstate_downtime_save"
	VmstateDowntimeLoad          Name = "vmstate_downtime_load"
	VmstateDowntimeCheckpoint    Name = "vmstate_downtime_checkpoint"
	LoadvmStateSection           Name = "qemu_loadvm_state_section"
	LoadvmStateSectionStartFull  Name = "qemu_loadvm_state_section_startfull"
	LoadvmStateSectionPartEnd    Name = "qemu_loadvm_state_section_partend"
	LoadvmStatePostMain          Name = "qemu_loadvm_state_post_main"
	LoadvmProcessCommand         Name = "loadvm_process_command"
	PostcopyPageReqAdd           Name = "postcopy_page_req_add"
	PostcopyPageReqDel           Name = "postcopy_page_req_del"
	RunStateSet                  Name = "runstate_set"
	VMStateNotify                Name = "vm_state_notify"
)

// Names lists all events.
func Names() []Name {
	return []Name{
		MigrateSetState, MigrateError, MigrateTransferred, MigratePendingEstimate, MigrationCancel,
		MigrationThreadSetupComplete, MigrationThreadLowPending, MigrationThreadAfterLoop, MigrationCompletionVMStop,
		MigrationCleanup, MigrationBitmapSyncStart, MigrationBitmapSyncEnd,
		MigrationThrottle, CPUThrottleSet, CPUThrottleDirtySync,
		MigrationExecOutgoing, MigrationExecIncoming, MigrationFDOutgoing, MigrationFDIncoming,
		MigrationFileOutgoing, MigrationFileIncoming, MigrationSocketAccepted, MigrationSocketConnected, MigrationSocketError,
		MigrateHandleRPReqPages, PostcopyStart, PostcopyStartSetRun, PostcopyPauseContinued,
		RAMDirtyBitmapSyncStart, RAMDirtyBitmapSyncComplete,
		ProcessIncomingMigrationEnd, MigrateGlobalStatePreSave, MigrateGlobalStatePostLoad,
		PostcopyPreemptNewChannel,
		SavevmStateHeader, SavevmStateSetup, SavevmSectionStart, SavevmSectionEnd, SavevmCommandSend, VmstateSave, VmstateLoad,
		VmstateDowntimeSave, VmstateDowntimeLoad, VmstateDowntimeCheckpoint,
		LoadvmStateSection, LoadvmStateSectionStartFull, LoadvmStateSectionPartEnd, LoadvmStatePostMain, LoadvmProcessCommand,
		PostcopyPageReqAdd, PostcopyPageReqDel, RunStateSet, VMStateNotify,
	}
}
