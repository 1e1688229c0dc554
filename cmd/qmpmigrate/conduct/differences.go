package conduct

import (
	"context"
	"fmt"
	"strconv"
	"strings"
)

// traits are what must be equal on both sides, and what a destination that
// refuses tells only on its standard error.
type traits struct {
	machine, memory, vcpus string            // empty where they are not told
	settings               map[string]string // of those that agreed lists
}

// adopting is the type of a machine that becomes what it gets.
const adopting = "adopt"

// compare asks both sides what they are.
func (c *conductor) compare() {
	c.source.traits = c.Source.traits(c.calls)
	c.destination.traits = c.Destination.traits(c.calls)
}

// compareSettings asks both sides how they are set, once all is set that will be.
func (c *conductor) compareSettings() {
	c.source.traits.settings = c.Source.settings(c.calls)
	c.destination.traits.settings = c.Destination.settings(c.calls)
}

func (e *Endpoint) traits(ctx context.Context) traits {
	var t traits
	machine := func(property string) (kind string) {
		_ = e.Execute(ctx, "qom-get", map[string]any{"path": "/machine", "property": property}, &kind)
		return strings.TrimSuffix(kind, "-machine")
	}
	t.machine = machine("type")
	parking := t.machine == adopting
	if parking {
		if parked := machine("adopted-type"); parked != "" {
			t.machine = parked
		}
	}
	var memory struct {
		Base int64 `json:"base-memory"`
	}
	if e.Execute(ctx, "query-memory-size-summary", nil, &memory) == nil && memory.Base > 0 {
		t.memory = fmt.Sprintf("%g MiB", float64(memory.Base)/(1<<20))
	}
	var vcpus []struct{}
	if !parking && e.Execute(ctx, "query-cpus-fast", nil, &vcpus) == nil && len(vcpus) > 0 {
		t.vcpus = strconv.Itoa(len(vcpus))
	}
	return t
}

// settings are those that agreed lists, as far as e tells them.
func (e *Endpoint) settings(ctx context.Context) map[string]string {
	all := map[string]string{}
	var capabilities []struct {
		Capability string
		State      bool
	}
	_ = e.Execute(ctx, "query-migrate-capabilities", nil, &capabilities)
	for _, c := range capabilities {
		all[c.Capability] = map[bool]string{true: "on", false: "off"}[c.State]
	}
	var parameters map[string]any
	_ = e.Execute(ctx, "query-migrate-parameters", nil, &parameters)
	for name, value := range parameters {
		all[name] = fmt.Sprint(value)
	}
	if credentials, told := all["tls-creds"]; told {
		// Its names are each side's own.
		all["tls-creds"] = map[bool]string{true: "set", false: "not set"}[credentials != ""]
	}
	return all
}

// agreed are the settings without which the two do not understand each other; those of the second list count only with multifd.
func agreed() (names, ofLanes []string) {
	return []string{"compress", "dirty-bitmaps", "mapped-ram", "multifd", "postcopy-preempt", "postcopy-ram", "tls-creds", "x-colo",
		"x-ignore-shared"}, []string{"multifd-channels", "multifd-compression"}
}

// differences names what is not as it is on the other side.
func differences(source, destination traits) []string {
	var list []string
	note := func(what, s, d string) {
		if s != "" && d != "" && s != d {
			list = append(list, fmt.Sprintf("%s: %s on the source, %s on the destination", what, s, d))
		}
	}
	if destination.machine != adopting {
		note("machine", source.machine, destination.machine)
		note("memory", source.memory, destination.memory)
		note("vCPUs", source.vcpus, destination.vcpus)
	}
	names, ofLanes := agreed()
	if source.settings["multifd"] == "on" && destination.settings["multifd"] == "on" {
		names = append(names, ofLanes...)
	}
	for _, name := range names {
		note(name, source.settings[name], destination.settings[name])
	}
	return list
}
