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
	machine, memory, vcpus string // empty where they are not told
}

// compare asks both sides.
func (c *conductor) compare() {
	c.source.traits = c.Source.traits(c.calls)
	c.destination.traits = c.Destination.traits(c.calls)
}

func (e *Endpoint) traits(ctx context.Context) traits {
	var t traits
	_ = e.Execute(ctx, "qom-get", map[string]any{"path": "/machine", "property": "type"}, &t.machine)
	t.machine = strings.TrimSuffix(t.machine, "-machine")
	var memory struct {
		Base int64 `json:"base-memory"`
	}
	if e.Execute(ctx, "query-memory-size-summary", nil, &memory) == nil && memory.Base > 0 {
		t.memory = fmt.Sprintf("%g MiB", float64(memory.Base)/(1<<20))
	}
	var vcpus []struct{}
	if e.Execute(ctx, "query-cpus-fast", nil, &vcpus) == nil && len(vcpus) > 0 {
		t.vcpus = strconv.Itoa(len(vcpus))
	}
	return t
}

// differences names what is not as it is on the other side. An adopting machine
// becomes what it gets.
func differences(source, destination traits) []string {
	if source.machine == "adopt" || destination.machine == "adopt" {
		return nil
	}
	var list []string
	note := func(what, s, d string) {
		if s != "" && d != "" && s != d {
			list = append(list, fmt.Sprintf("%s: %s on the source, %s on the destination", what, s, d))
		}
	}
	note("machine", source.machine, destination.machine)
	note("memory", source.memory, destination.memory)
	note("vCPUs", source.vcpus, destination.vcpus)
	return list
}
