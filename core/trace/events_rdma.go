package trace

// Events of a migration over RDMA: how both ends meet, what they say, and what is written.
const (
	RDMAStartOutgoingInit      Name = "rdma_start_outgoing_migration_after_rdma_source_init"
	RDMAStartOutgoingConnect   Name = "rdma_start_outgoing_migration_after_rdma_connect"
	RDMAStartIncoming          Name = "rdma_start_incoming_migration"
	RDMAStartIncomingInit      Name = "rdma_start_incoming_migration_after_dest_init"
	RDMAStartIncomingListen    Name = "rdma_start_incoming_migration_after_rdma_listen"
	RDMAAcceptIncoming         Name = "qemu_rdma_accept_incoming_migration"
	RDMAAcceptedIncoming       Name = "qemu_rdma_accept_incoming_migration_accepted"
	RDMAAcceptPinState         Name = "qemu_rdma_accept_pin_state"
	RDMAConnectPinAllRequested Name = "qemu_rdma_connect_pin_all_requested"
	RDMAConnectPinAllOutcome   Name = "qemu_rdma_connect_pin_all_outcome"
	RDMACleanupDisconnect      Name = "qemu_rdma_cleanup_disconnect"
	RDMAClose                  Name = "qemu_rdma_close"
	RDMAPostSendControl        Name = "qemu_rdma_post_send_control"
	RDMAGetResponseStart       Name = "qemu_rdma_exchange_get_response_start"
	RDMASendIssueCallback      Name = "qemu_rdma_exchange_send_issue_callback"
	RDMASendWaiting            Name = "qemu_rdma_exchange_send_waiting"
	RDMASendReceived           Name = "qemu_rdma_exchange_send_received"
	RDMAFill                   Name = "qemu_rdma_fill"
	RDMAInitRAMBlocks          Name = "qemu_rdma_init_ram_blocks"
	RDMARegisterAndGetKeys     Name = "qemu_rdma_register_and_get_keys"
	RDMAWriteFlush             Name = "qemu_rdma_write_flush"
	RDMAWriteBlock             Name = "qemu_rdma_write_one_block"
	RDMAWriteZero              Name = "qemu_rdma_write_one_zero"
	RDMAWriteSendReg           Name = "qemu_rdma_write_one_sendreg"
	RDMAWriteRecvRegRes        Name = "qemu_rdma_write_one_recvregres"
	RDMAWritePost              Name = "qemu_rdma_write_one_post"
	RDMAWriteQueueFull         Name = "qemu_rdma_write_one_queue_full"
	RDMARegistrationStart      Name = "rdma_registration_start"
	RDMARegistrationStop       Name = "rdma_registration_stop"
	RDMARegistrationStopRAM    Name = "rdma_registration_stop_ram"
	RDMABlockNotification      Name = "rdma_block_notification_handle"
	RDMAHandleWait             Name = "rdma_registration_handle_wait"
	RDMAHandleCompress         Name = "rdma_registration_handle_compress"
	RDMAHandleFinished         Name = "rdma_registration_handle_finished"
	RDMAHandleRAMBlocks        Name = "rdma_registration_handle_ram_blocks"
	RDMAHandleRAMBlocksLoop    Name = "rdma_registration_handle_ram_blocks_loop"
	RDMAHandleRegister         Name = "rdma_registration_handle_register"
	RDMAHandleRegisterLoop     Name = "rdma_registration_handle_register_loop"
	RDMAHandleRegisterRKey     Name = "rdma_registration_handle_register_rkey"
	RDMAHandleUnregister       Name = "rdma_registration_handle_unregister"
	RDMAHandleUnregisterLoop   Name = "rdma_registration_handle_unregister_loop"
	RDMAHandleUnregistered     Name = "rdma_registration_handle_unregister_success"
)

func rdmaNames() []Name {
	return []Name{
		RDMAStartOutgoingInit, RDMAStartOutgoingConnect, RDMAStartIncoming,
		RDMAStartIncomingInit, RDMAStartIncomingListen, RDMAAcceptIncoming,
		RDMAAcceptedIncoming, RDMAAcceptPinState, RDMAConnectPinAllRequested,
		RDMAConnectPinAllOutcome, RDMACleanupDisconnect, RDMAClose,
		RDMAPostSendControl, RDMAGetResponseStart, RDMASendIssueCallback,
		RDMASendWaiting, RDMASendReceived, RDMAFill,
		RDMAInitRAMBlocks, RDMARegisterAndGetKeys, RDMAWriteFlush,
		RDMAWriteBlock, RDMAWriteZero, RDMAWriteSendReg,
		RDMAWriteRecvRegRes, RDMAWritePost, RDMAWriteQueueFull,
		RDMARegistrationStart, RDMARegistrationStop, RDMARegistrationStopRAM,
		RDMABlockNotification, RDMAHandleWait, RDMAHandleCompress,
		RDMAHandleFinished, RDMAHandleRAMBlocks, RDMAHandleRAMBlocksLoop,
		RDMAHandleRegister, RDMAHandleRegisterLoop, RDMAHandleRegisterRKey,
		RDMAHandleUnregister, RDMAHandleUnregisterLoop, RDMAHandleUnregistered,
	}
}
