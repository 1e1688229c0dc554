package libvirt_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"qmpmigrate/tests/interop/libvirt/daemons"
)

// A step is a few actions under a name. It begins and ends with a domain that runs on one of the hosts, from the first
// start on; which one, it leaves to the step before.
type step struct {
	name   string
	only   string // the version of libvirt that it is for; none: all
	always bool   // it is in each choice of steps
	does   []action
}

type action func(*scene) error

// virsh has a verb done by the libvirt of the host where the domain is. In its words FILE:x is a file of both hosts.
func virsh(words ...string) action {
	return func(s *scene) (err error) {
		s.said, err = s.virsh(s.here, s.expand(words)...)
		return err
	}
}

// onArrival is virsh on the other host.
func onArrival(words ...string) action {
	return func(s *scene) error {
		_, err := s.virsh(s.there(), s.expand(words)...)
		return err
	}
}

// everywhere is virsh on both hosts.
func everywhere(words ...string) action {
	return func(s *scene) error {
		for _, h := range []*daemons.Host{s.pair.A, s.pair.B} {
			if _, err := s.virsh(h, s.expand(words)...); err != nil {
				return err
			}
		}
		return nil
	}
}

func (s *scene) expand(words []string) []string {
	full := make([]string, len(words))
	for i, w := range words {
		switch w {
		case "EMULATOR":
			w = s.kind.path
		case "MACHINE":
			w = s.kind.machine
		default:
			if before, name, found := strings.Cut(w, "FILE:"); found {
				w = before + s.file(name)
			}
		}
		full[i] = w
	}
	return full
}

// says holds what the last verb printed against expressions.
func says(like ...string) action {
	return func(s *scene) error {
		for _, l := range like {
			if err := match(s.said, l); err != nil {
				return err
			}
		}
		return nil
	}
}

// comes has a verb done until it says something like this.
func comes(like string, words ...string) action {
	return func(s *scene) error {
		return s.poll(func() error { return all(virsh(words...), says(like))(s) })
	}
}

func match(text, like string) error {
	if !regexp.MustCompile(like).MatchString(text) {
		return fmt.Errorf("not like %q: %s", like, text)
	}
	return nil
}

// state waits until the domain is in one.
func state(state string) action {
	return func(s *scene) error { return s.reach(s.here, state) }
}

// verified looks at the domain's memory.
func verified(s *scene) error { return s.kind.verify(s) }

// begun waits until the guest works.
func begun(s *scene) error {
	if err := s.poll(func() error { return s.kind.begun(s) }); err != nil {
		return err
	}
	return s.poll(func() error { return s.kind.verify(s) }) // not while it fills its memory, after a reset
}

// counts waits until the test guest does.
func counts(s *scene) error { return s.poll(func() error { return counting(s) }) }

// told waits until the monitors of the domain's host have said something like this since the step, or its last
// migration, began. It is how a step makes sure that a migration went the way it is about.
func told(like string) action {
	return func(s *scene) error { return s.told(s.here, like) }
}

// toldThere is told of the other host.
func toldThere(like string) action {
	return func(s *scene) error { return s.told(s.there(), like) }
}

func (s *scene) told(h *daemons.Host, like string) error {
	expression := regexp.MustCompile(like)
	return s.poll(func() error {
		if !expression.MatchString(s.dialogue(h)) {
			return fmt.Errorf("%s: no monitor said anything like %q; %s", h.Name, like, s.move)
		}
		return nil
	})
}

// restarted ends the libvirtd of the domain's host and starts it again.
func restarted(s *scene) error {
	if err := s.here.StopDaemon(); err != nil {
		return err
	}
	return s.here.StartDaemon()
}

// begin starts a migration to the other host and does not wait for it.
func begin(flags ...string) action {
	return func(s *scene) error {
		words := append(append([]string{"migrate"}, s.expand(flags)...), domain, s.there().URI())
		s.listen()
		s.move = &move{ended: make(chan struct{})}
		ctx, cancel := context.WithTimeoutCause(s.Context(), verbTime, errors.New("the migration took too long"))
		go func(h *daemons.Host, m *move) {
			defer cancel()
			defer close(m.ended)
			_, m.err = h.Virsh(ctx, words...)
		}(s.here, s.move)
		return nil
	}
}

func (m *move) String() string {
	if m == nil {
		return "no migration was begun"
	}
	select {
	case <-m.ended:
		return fmt.Sprintf("the last migration ended with %v", m.err)
	default:
		return "a migration goes on"
	}
}

// ended waits for the migration, after which the domain is on the other host, and in the state it shall have there.
func ended(state string) action { return endedOr(state, "^$") }

// endedOr is ended of a migration that gets there although virsh may complain in words like these.
func endedOr(state, like string) action {
	return func(s *scene) error {
		if <-s.move.ended; s.move.err != nil {
			if err := match(s.move.err.Error(), like); err != nil {
				return err
			}
			s.Logf("which virsh did not wait for: %v", s.move.err)
		}
		if err := s.reach(s.here, "shut off (migrated)"); err != nil {
			return err
		}
		s.here = s.there()
		return s.reach(s.here, state)
	}
}

// failed waits for the migration, which must fail in words like these.
func failed(like string) action {
	return func(s *scene) error {
		if <-s.move.ended; s.move.err == nil {
			return errors.New("the migration came to an end")
		}
		return match(s.move.err.Error(), like)
	}
}

// migrated is a whole migration, and a look at memory.
func migrated(flags ...string) action {
	return all(begin(flags...), ended("running"), verified)
}

// all is some actions as one.
func all(actions ...action) action {
	return func(s *scene) error {
		for _, do := range actions {
			if err := do(s); err != nil {
				return err
			}
		}
		return nil
	}
}
