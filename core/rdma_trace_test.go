package core

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"qmpmigrate/core/trace"
	"qmpmigrate/qapi"
)

// story is which events were told, each once, in the order in which they were first told.
type story struct {
	mu    sync.Mutex
	names []string
}

func (s *story) set(t *testing.T) *trace.Set {
	t.Helper()
	set := trace.NewSet(func(name trace.Name, _ []trace.Field) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if !slices.Contains(s.names, string(name)) {
			s.names = append(s.names, string(name))
		}
	})
	if err := set.Switch("*rdma_*", true); err != nil {
		t.Fatal(err)
	}
	return set
}

// follows says whether all these were told, each after the one before it.
func (s *story) follows(t *testing.T, want string) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	last := -1
	for name := range strings.FieldsSeq(want) {
		at := slices.Index(s.names, name)
		if at <= last {
			t.Errorf("%s is not where it belongs in %v", name, s.names)
		}
		last = max(last, at)
	}
}

// The events of a migration by RDMA tell how it went.
func TestRDMATraced(t *testing.T) {
	for _, tc := range []struct {
		name, src, dst string
		on             []qapi.MigrationCapability
	}{
		{"pieces", `rdma_start_outgoing_migration_after_rdma_source_init qemu_rdma_connect_pin_all_outcome
			rdma_start_outgoing_migration_after_rdma_connect rdma_registration_start qemu_rdma_post_send_control
			qemu_rdma_init_ram_blocks rdma_registration_stop_ram qemu_rdma_exchange_send_waiting
			qemu_rdma_exchange_send_received rdma_registration_stop qemu_rdma_write_flush qemu_rdma_write_one_sendreg
			qemu_rdma_write_one_recvregres qemu_rdma_register_and_get_keys qemu_rdma_write_one_post
			qemu_rdma_close qemu_rdma_cleanup_disconnect`,
			`rdma_start_incoming_migration rdma_start_incoming_migration_after_dest_init
			rdma_start_incoming_migration_after_rdma_listen qemu_rdma_accept_incoming_migration qemu_rdma_accept_pin_state
			qemu_rdma_accept_incoming_migration_accepted qemu_rdma_fill rdma_block_notification_handle
			rdma_registration_handle_wait rdma_registration_handle_ram_blocks rdma_registration_handle_ram_blocks_loop
			rdma_registration_handle_finished rdma_registration_handle_register rdma_registration_handle_register_loop
			qemu_rdma_register_and_get_keys rdma_registration_handle_register_rkey`,
			nil},
		{"pinned", "qemu_rdma_connect_pin_all_requested qemu_rdma_connect_pin_all_outcome qemu_rdma_exchange_send_issue_callback",
			"rdma_registration_handle_ram_blocks_loop", []qapi.MigrationCapability{qapi.MigrationCapabilityRDMAPinAll}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var here, there story
			src, dst := newTracedReaching(t, false, here.set(t), tc.on...), newTracedReaching(t, true, there.set(t))
			if err := src.MigrateSetParameters(t.Context(), &qapi.MigrateSetParameters{DowntimeLimit: new(uint64(100000))}); err != nil {
				t.Fatal(err)
			}
			uri := dst.awaiting(t)
			if err := src.Migrate(t.Context(), &qapi.MigrateArgs{URI: &uri}); err != nil {
				t.Fatal(err)
			}
			src.reach(t, completed)
			dst.reach(t, completed)
			src.Close()
			dst.Close()
			here.follows(t, tc.src)
			there.follows(t, tc.dst)
		})
	}
}
