package trace

// Events of the stream: sections and commands.
const (
	SavevmStateHeader            Name = "savevm_state_header"
	SavevmStateSetup             Name = "savevm_state_setup"
	SavevmStateIterate           Name = "savevm_state_iterate"
	SavevmStateCleanup           Name = "savevm_state_cleanup"
	SavevmSectionStart           Name = "savevm_section_start"
	SavevmSectionEnd             Name = "savevm_section_end"
	SavevmCommandSend            Name = "savevm_command_send"
	SavevmSendOpenReturnPath     Name = "savevm_send_open_return_path"
	SavevmSendPing               Name = "savevm_send_ping"
	SavevmSendPostcopyListen     Name = "savevm_send_postcopy_listen"
	SavevmSendPostcopyRun        Name = "savevm_send_postcopy_run"
	SavevmSendPostcopyResume     Name = "savevm_send_postcopy_resume"
	SavevmSendRecvBitmap         Name = "savevm_send_recv_bitmap"
	SavevmSendSwitchoverStart    Name = "savevm_send_switchover_start"
	SavevmSendPostcopyAdvise     Name = "qemu_savevm_send_postcopy_advise"
	SavevmSendPostcopyDiscard    Name = "qemu_savevm_send_postcopy_ram_discard"
	SavevmSendPackaged           Name = "qemu_savevm_send_packaged"
	VmstateSave                  Name = "vmstate_save"
	VmstateLoad                  Name = "vmstate_load"
	VmstateDowntimeSave          Name = "vmstate_downtime_save"
	VmstateDowntimeLoad          Name = "vmstate_downtime_load"
	VmstateDowntimeCheckpoint    Name = "vmstate_downtime_checkpoint"
	LoadvmStateSection           Name = "qemu_loadvm_state_section"
	LoadvmStateSectionCommand    Name = "qemu_loadvm_state_section_command"
	LoadvmStateSectionStartFull  Name = "qemu_loadvm_state_section_startfull"
	LoadvmStateSectionPartEnd    Name = "qemu_loadvm_state_section_partend"
	LoadvmStatePostMain          Name = "qemu_loadvm_state_post_main"
	LoadvmStateSetup             Name = "loadvm_state_setup"
	LoadvmStateCleanup           Name = "loadvm_state_cleanup"
	LoadvmSwitchoverAckNeeded    Name = "loadvm_state_switchover_ack_needed"
	LoadvmApproveSwitchover      Name = "loadvm_approve_switchover"
	LoadvmProcessCommand         Name = "loadvm_process_command"
	LoadvmProcessPing            Name = "loadvm_process_command_ping"
	LoadvmHandlePackaged         Name = "loadvm_handle_cmd_packaged"
	LoadvmHandlePackagedReceived Name = "loadvm_handle_cmd_packaged_received"
	LoadvmHandlePackagedMain     Name = "loadvm_handle_cmd_packaged_main"
)

func streamNames() []Name {
	return []Name{
		SavevmStateHeader, SavevmStateSetup, SavevmStateIterate, SavevmStateCleanup, SavevmSectionStart,
		SavevmSectionEnd, SavevmCommandSend, SavevmSendOpenReturnPath, SavevmSendPing, SavevmSendPostcopyListen,
		SavevmSendPostcopyRun, SavevmSendPostcopyResume, SavevmSendRecvBitmap, SavevmSendSwitchoverStart,
		SavevmSendPostcopyAdvise, SavevmSendPostcopyDiscard, SavevmSendPackaged, VmstateSave, VmstateLoad,
		VmstateDowntimeSave, VmstateDowntimeLoad, VmstateDowntimeCheckpoint, LoadvmStateSection,
		LoadvmStateSectionCommand, LoadvmStateSectionStartFull, LoadvmStateSectionPartEnd, LoadvmStatePostMain,
		LoadvmStateSetup, LoadvmStateCleanup, LoadvmSwitchoverAckNeeded, LoadvmApproveSwitchover,
		LoadvmProcessCommand, LoadvmProcessPing, LoadvmHandlePackaged, LoadvmHandlePackagedReceived,
		LoadvmHandlePackagedMain,
	}
}
