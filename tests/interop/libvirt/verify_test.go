package libvirt_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"qmpmigrate/tests/emulator"
)

// monitor has a domain's emulator do a command of QMP's.
func (s *scene) monitor(command string, into any) error {
	out, err := s.virsh(s.here, "qemu-monitor-command", domain, command)
	if err != nil {
		return err
	}
	reply := struct {
		Return any             `json:"return"`
		Error  json.RawMessage `json:"error"`
	}{Return: into}
	if err := json.Unmarshal([]byte(out), &reply); err != nil {
		return fmt.Errorf("%s: %w: %s", command, err, out)
	}
	if reply.Error != nil {
		return fmt.Errorf("%s: %s", command, reply.Error)
	}
	return nil
}

// verifyWorkload has qmpmigrate look at each page of its guest.
func verifyWorkload(s *scene) error {
	var v struct {
		Pages  int `json:"pages"`
		Faulty int `json:"faulty-pages"`
	}
	if err := s.monitor(`{"execute": "x-verify-memory"}`, &v); err != nil {
		return err
	}
	if v.Pages == 0 || v.Faulty != 0 {
		return fmt.Errorf("of %d pages of memory %d are wrong", v.Pages, v.Faulty)
	}
	return nil
}

// counting looks whether the test guest of a real QEMU has begun to count.
func counting(s *scene) error {
	out, err := s.virsh(s.here, "qemu-monitor-command", "--hmp", domain, fmt.Sprintf("xp /1ub %#x", emulator.GuestFirst))
	if err == nil && strings.HasSuffix(out, " 0") {
		err = errors.New("the guest has not begun")
	}
	return err
}

// verifyCounters looks at what the test guest of a real QEMU counts, for which it must stand.
func verifyCounters(s *scene) (err error) {
	state, err := s.virsh(s.here, "domstate", domain)
	if err != nil {
		return err
	}
	if state == "running" {
		if _, err := s.virsh(s.here, "suspend", domain); err != nil {
			return err
		}
		defer func() {
			if err == nil {
				_, err = s.virsh(s.here, "resume", domain)
			}
		}()
	}
	path := s.file("memory")
	defer os.Remove(path)
	if err := s.monitor(fmt.Sprintf(`{"execute": "pmemsave", "arguments": {"val": %d, "size": %d, "filename": %q}}`,
		emulator.GuestFirst, emulator.GuestEnd-emulator.GuestFirst, path), nil); err != nil {
		return err
	}
	memory, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return emulator.MemoryInStep(memory)
}
