package migration

import (
	"testing"

	"github.com/google/uuid"

	"qmpmigrate/core/guest"
	"qmpmigrate/core/savevm"
)

// named is a machine that accepts its own name only.
type named struct{ guest.Machine }

func (named) Configure(c *savevm.Configuration) error {
	if c.Machine != "pc" {
		return errYanked
	}
	return nil
}

func TestConfigurationsAreCompared(t *testing.T) {
	own, other := uuid.New(), uuid.New()
	for _, c := range []struct {
		on   string
		uuid *uuid.UUID
		got  savevm.Configuration
		want string
		said string
	}{
		{"", nil, savevm.Configuration{Machine: "pc"}, "", ""},
		{"", &own, savevm.Configuration{Machine: "pc", UUID: &own}, "", ""},
		{"validate-uuid", &own, savevm.Configuration{Machine: "pc"}, "", ""},
		{"", &own, savevm.Configuration{Machine: "q35", UUID: &other}, "UUID received is " + other.String() + " and local is " + own.String(), ""},
		{"", nil, savevm.Configuration{Machine: "pc", UUID: &other}, "", "warning: UUID is received " + other.String() + ", but local uuid isn't set"},
		{"", nil, savevm.Configuration{Machine: "q35", Capabilities: []string{"x-ignore-shared"}}, errYanked.Error(), ""},
		{"", nil, savevm.Configuration{Machine: "pc", Capabilities: []string{"bogus"}}, "Received unknown capability bogus", ""},
		{"", nil, savevm.Configuration{Machine: "pc", Capabilities: []string{"events"}}, "", ""},
		{"", nil, savevm.Configuration{Machine: "pc", Capabilities: []string{"x-ignore-shared"}},
			"Capability x-ignore-shared is off, but received capability is on", ""},
		{"x-ignore-shared", nil, savevm.Configuration{Machine: "pc"},
			"Capability x-ignore-shared is on, but received capability is off", ""},
		{"x-ignore-shared", nil, savevm.Configuration{Machine: "pc", Capabilities: []string{"x-ignore-shared"}}, "", ""},
		{"x-ignore-shared", nil, savevm.Configuration{Machine: "pc", Capabilities: []string{"mapped-ram"}},
			"Capability x-ignore-shared is on, but received capability is off\n" +
				"Capability mapped-ram is off, but received capability is on", ""},
	} {
		m, h := newStill()
		h.uuid = c.uuid
		enable(t, m, c.on)
		said(t, c.want, target{named{}, m}.Configure(&c.got), c.want)
		if text := h.said(); text != c.said {
			t.Errorf("%+v: reported %q", c.got, text)
		}
	}
}

func TestConfigurationIsCompleted(t *testing.T) {
	own, came := uuid.New(), uuid.New()
	m, h := newStill()
	h.uuid = &own
	for _, c := range []struct {
		on   string
		conf savevm.Configuration
		want savevm.Configuration
	}{
		{"", savevm.Configuration{Machine: "pc"}, savevm.Configuration{}},
		{"validate-uuid", savevm.Configuration{}, savevm.Configuration{UUID: &own}},
		{"-validate-uuid", savevm.Configuration{UUID: &came}, savevm.Configuration{UUID: &came}},
		{"x-ignore-shared", savevm.Configuration{}, savevm.Configuration{Capabilities: []string{"x-ignore-shared"}}},
	} {
		enable(t, m, c.on)
		m.configure(&c.conf)
		if c.conf.UUID != c.want.UUID || len(c.conf.Capabilities) != len(c.want.Capabilities) ||
			len(c.want.Capabilities) > 0 && c.conf.Capabilities[0] != c.want.Capabilities[0] {
			t.Errorf("%s: %+v", c.on, c.conf)
		}
	}
}
