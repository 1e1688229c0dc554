package trace

import "slices"

// Name is the name of an event: one that QEMU has, and that tells the same
// under the same names, wherever there is one.
type Name string

// Events of the engine: both ends of a migration, and the machine around it.
const (
	MigrateSetState                  Name = "migrate_set_state"
	MigrateError                     Name = "migrate_error"
	MigrateTransferred               Name = "migrate_transferred"
	MigratePendingEstimate           Name = "migrate_pending_estimate"
	MigratePendingExact              Name = "migrate_pending_exact"
	MigrationCancel                  Name = "migration_cancel"
	MigrationThreadSetupComplete     Name = "migration_thread_setup_complete"
	MigrationThreadLowPending        Name = "migration_thread_low_pending"
	MigrationThreadAfterLoop         Name = "migration_thread_after_loop"
	MigrationThreadFileErr           Name = "migration_thread_file_err"
	MigrationCompletionVMStop        Name = "migration_completion_vm_stop"
	MigrationCompletionPostcopyEnd   Name = "migration_completion_postcopy_end"
	MigrationCompletionPostcopyEnded Name = "migration_completion_postcopy_end_after_complete"
	MigrationCleanup                 Name = "migration_cleanup"
	MigrationRateLimitPre            Name = "migration_rate_limit_pre"
	MigrationRateLimitPost           Name = "migration_rate_limit_post"
	MigrationThrottle                Name = "migration_throttle"
	MigrationDirtyLimitGuest         Name = "migration_dirty_limit_guest"
	CPUThrottleSet                   Name = "cpu_throttle_set"
	CPUThrottleDirtySync             Name = "cpu_throttle_dirty_sync"
	MigrateGlobalStatePreSave        Name = "migrate_global_state_pre_save"
	MigrateGlobalStatePostLoad       Name = "migrate_global_state_post_load"
	ProcessIncomingMigrationEnd      Name = "process_incoming_migration_co_end"
	ProcessIncomingPostcopyEnd       Name = "process_incoming_migration_co_postcopy_end_main"
	RunStateSet                      Name = "runstate_set"
	VMStateNotify                    Name = "vm_state_notify"
	QemuAnnounceSelfIter             Name = "qemu_announce_self_iter"
)

func engineNames() []Name {
	return []Name{
		MigrateSetState, MigrateError, MigrateTransferred, MigratePendingEstimate, MigratePendingExact,
		MigrationCancel, MigrationThreadSetupComplete, MigrationThreadLowPending, MigrationThreadAfterLoop,
		MigrationThreadFileErr, MigrationCompletionVMStop, MigrationCompletionPostcopyEnd,
		MigrationCompletionPostcopyEnded, MigrationCleanup, MigrationRateLimitPre,
		MigrationRateLimitPost, MigrationThrottle, MigrationDirtyLimitGuest, CPUThrottleSet, CPUThrottleDirtySync,
		MigrateGlobalStatePreSave, MigrateGlobalStatePostLoad, ProcessIncomingMigrationEnd,
		ProcessIncomingPostcopyEnd, RunStateSet, VMStateNotify, QemuAnnounceSelfIter,
	}
}

// Names lists all events of this build.
func Names() []Name {
	return slices.Concat(engineNames(), channelNames(), streamNames(), memoryNames(), postcopyNames(), diskNames(),
		rdmaNames(), otherNames())
}
