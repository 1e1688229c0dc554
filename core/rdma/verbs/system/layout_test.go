package system

import (
	"encoding/hex"
	"net/netip"
	"testing"
	"unsafe"
)

// What is shared with the libraries lies where rdma-core's headers have it on x86-64.
func TestLayout(t *testing.T) {
	var (
		ctx   deviceContext
		comp  compChannel
		id    cmID
		ev    cmEvent
		param connParam
		mr    memoryRegion
		init  qpInit
		sge   piece
		send  sendWork
		recv  receiveWork
		wc    completion
		dev   deviceAttr
	)
	for _, c := range []struct {
		what      string
		got, want uintptr
	}{
		{"ibv_context.ops.poll_cq", unsafe.Offsetof(ctx.ops) + opPollCQ*8, 96},
		{"ibv_context.ops.req_notify_cq", unsafe.Offsetof(ctx.ops) + opReqNotifyCQ*8, 104},
		{"ibv_context.ops.post_send", unsafe.Offsetof(ctx.ops) + opPostSend*8, 208},
		{"ibv_context.ops.post_recv", unsafe.Offsetof(ctx.ops) + opPostRecv*8, 216},
		{"ibv_comp_channel.fd", unsafe.Offsetof(comp.fd), 8},
		{"rdma_cm_id.qp", unsafe.Offsetof(id.qp), 24},
		{"rdma_cm_id.route.addr.src_addr", unsafe.Offsetof(id.src), 32},
		{"rdma_cm_id.route.addr.dst_addr", unsafe.Offsetof(id.dst), 160},
		{"rdma_cm_event.listen_id", unsafe.Offsetof(ev.listen), 8},
		{"rdma_cm_event.event", unsafe.Offsetof(ev.kind), 16},
		{"rdma_cm_event.status", unsafe.Offsetof(ev.status), 20},
		{"rdma_cm_event.param.conn", unsafe.Offsetof(ev.connParam), 24},
		{"rdma_conn_param", unsafe.Sizeof(param), 24},
		{"rdma_conn_param.private_data_len", unsafe.Offsetof(param.privateSize), 8},
		{"rdma_conn_param.responder_resources", unsafe.Offsetof(param.responderResources), 9},
		{"rdma_conn_param.initiator_depth", unsafe.Offsetof(param.initiatorDepth), 10},
		{"rdma_conn_param.retry_count", unsafe.Offsetof(param.retries), 12},
		{"rdma_conn_param.qp_num", unsafe.Offsetof(param.qp), 16},
		{"ibv_mr.lkey", unsafe.Offsetof(mr.local), 36},
		{"ibv_mr.rkey", unsafe.Offsetof(mr.remote), 40},
		{"ibv_qp_init_attr", unsafe.Sizeof(init), 64},
		{"ibv_qp_init_attr.recv_cq", unsafe.Offsetof(init.recvCQ), 16},
		{"ibv_qp_init_attr.cap", unsafe.Offsetof(init.sends), 32},
		{"ibv_qp_init_attr.cap.max_inline_data", unsafe.Offsetof(init.inline), 48},
		{"ibv_qp_init_attr.qp_type", unsafe.Offsetof(init.kind), 52},
		{"ibv_sge", unsafe.Sizeof(sge), 16},
		{"ibv_sge.lkey", unsafe.Offsetof(sge.key), 12},
		{"ibv_send_wr", unsafe.Sizeof(send), 128},
		{"ibv_send_wr.sg_list", unsafe.Offsetof(send.pieces), 16},
		{"ibv_send_wr.opcode", unsafe.Offsetof(send.opcode), 28},
		{"ibv_send_wr.send_flags", unsafe.Offsetof(send.flags), 32},
		{"ibv_send_wr.wr.rdma.remote_addr", unsafe.Offsetof(send.addr), 40},
		{"ibv_send_wr.wr.rdma.rkey", unsafe.Offsetof(send.key), 48},
		{"ibv_recv_wr", unsafe.Sizeof(recv), 32},
		{"ibv_recv_wr.num_sge", unsafe.Offsetof(recv.count), 24},
		{"ibv_wc", unsafe.Sizeof(wc), 48},
		{"ibv_wc.status", unsafe.Offsetof(wc.status), 8},
		{"ibv_wc.byte_len", unsafe.Offsetof(wc.size), 20},
		{"ibv_device_attr", unsafe.Sizeof(dev), 232},
		{"ibv_device_attr.max_mr_size", unsafe.Offsetof(dev.maxMR), 80},
		{"ibv_device_attr.max_qp_wr", unsafe.Offsetof(dev.maxWork), 112},
	} {
		if c.got != c.want {
			t.Errorf("%s: %d, want %d", c.what, c.got, c.want)
		}
	}
}

func TestSocketAddress(t *testing.T) {
	for text, want := range map[string]string{
		"192.0.2.1:4444":       "0200115cc0000201" + "0000000000000000",
		"[2001:db8::1]:4444":   "0a00115c00000000" + "20010db8000000000000000000000001" + "00000000",
		"[fe80::1%3]:4444":     "0a00115c00000000" + "fe800000000000000000000000000001" + "03000000",
		"[fe80::1%eth0]:65535": "0a00ffff00000000" + "fe800000000000000000000000000001" + "00000000",
	} {
		s := socketAddressOf(netip.MustParseAddrPort(text))
		if got := hex.EncodeToString(s[:len(want)/2]); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
	s := socketAddressOf(netip.MustParseAddrPort("[2001:db8::1]:4444"))
	if got := s.String(); got != "[2001:db8::1]:4444" {
		t.Error(got)
	}
}
