package rdma

import "qmpmigrate/core/trace"

// points are the trace events of both ends.
type points struct {
	outgoingInit, outgoingConnect               *trace.Event
	incoming, incomingInit, incomingListen      *trace.Event
	accept, accepted, acceptPinned              *trace.Event
	pinRequested, pinOutcome, hangsUp, closes   *trace.Event
	control, response, issue, waiting, received *trace.Event
	fill                                        *trace.Event

	blocks, registers, flush, clobber, zero, sendReg, recvReg, post, full *trace.Event
	start, stop, stopRAM                                                  *trace.Event

	listed, wait, compress, finished, ramBlocks, ramBlock *trace.Event
	register, registerOne, registered                     *trace.Event
	unregister, unregisterOne, unregistered               *trace.Event
}

func newPoints(t *trace.Set) *points {
	return &points{
		outgoingInit:    t.Event(trace.RDMAStartOutgoingInit),
		outgoingConnect: t.Event(trace.RDMAStartOutgoingConnect),
		incoming:        t.Event(trace.RDMAStartIncoming),
		incomingInit:    t.Event(trace.RDMAStartIncomingInit),
		incomingListen:  t.Event(trace.RDMAStartIncomingListen),
		accept:          t.Event(trace.RDMAAcceptIncoming),
		accepted:        t.Event(trace.RDMAAcceptedIncoming),
		acceptPinned:    t.Event(trace.RDMAAcceptPinState),
		pinRequested:    t.Event(trace.RDMAConnectPinAllRequested),
		pinOutcome:      t.Event(trace.RDMAConnectPinAllOutcome),
		hangsUp:         t.Event(trace.RDMACleanupDisconnect),
		closes:          t.Event(trace.RDMAClose),
		control:         t.Event(trace.RDMAPostSendControl),
		response:        t.Event(trace.RDMAGetResponseStart),
		issue:           t.Event(trace.RDMASendIssueCallback),
		waiting:         t.Event(trace.RDMASendWaiting),
		received:        t.Event(trace.RDMASendReceived),
		fill:            t.Event(trace.RDMAFill),
		blocks:          t.Event(trace.RDMAInitRAMBlocks),
		registers:       t.Event(trace.RDMARegisterAndGetKeys),
		flush:           t.Event(trace.RDMAWriteFlush),
		clobber:         t.Event(trace.RDMAWriteBlock),
		zero:            t.Event(trace.RDMAWriteZero),
		sendReg:         t.Event(trace.RDMAWriteSendReg),
		recvReg:         t.Event(trace.RDMAWriteRecvRegRes),
		post:            t.Event(trace.RDMAWritePost),
		full:            t.Event(trace.RDMAWriteQueueFull),
		start:           t.Event(trace.RDMARegistrationStart),
		stop:            t.Event(trace.RDMARegistrationStop),
		stopRAM:         t.Event(trace.RDMARegistrationStopRAM),
		listed:          t.Event(trace.RDMABlockNotification),
		wait:            t.Event(trace.RDMAHandleWait),
		compress:        t.Event(trace.RDMAHandleCompress),
		finished:        t.Event(trace.RDMAHandleFinished),
		ramBlocks:       t.Event(trace.RDMAHandleRAMBlocks),
		ramBlock:        t.Event(trace.RDMAHandleRAMBlocksLoop),
		register:        t.Event(trace.RDMAHandleRegister),
		registerOne:     t.Event(trace.RDMAHandleRegisterLoop),
		registered:      t.Event(trace.RDMAHandleRegisterRKey),
		unregister:      t.Event(trace.RDMAHandleUnregister),
		unregisterOne:   t.Event(trace.RDMAHandleUnregisterLoop),
		unregistered:    t.Event(trace.RDMAHandleUnregistered),
	}
}
