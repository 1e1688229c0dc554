package conduct

import (
	"errors"
	"strings"
)

const returnPathCapability = "return-path"

// answered has the source wait for the destination's last word, unless the user
// has decided about that: what does not load there then stays where it is. It is
// left alone where the channel goes one way, or another capability is in the way.
func (c *conductor) answered(from string) error {
	_, decided := merged(c.Capabilities, c.SourceCapabilities)[returnPathCapability]
	set := c.source.traits.settings
	if decided || set[returnPathCapability] != "off" || set[copyingCapability] == "on" || set["x-colo"] == "on" || !answers(from) {
		return nil
	}
	err := c.Source.setCapabilities(c.calls, map[string]bool{returnPathCapability: true})
	if refused := (*CommandError)(nil); errors.As(err, &refused) {
		return nil
	}
	c.waits = err == nil
	return err
}

// answers says whether what a source sends to a URI can be answered.
func answers(uri string) bool {
	kind, _, _ := strings.Cut(uri, ":")
	return kind == "tcp" || kind == "unix" || kind == "vsock"
}

// restore leaves a source that keeps its VM as it was: not every migration that
// its user may begin next can be answered.
func (c *conductor) restore() {
	if c.waits {
		_ = c.Source.setCapabilities(c.calls, map[string]bool{returnPathCapability: false}) // no, while it is paused in postcopy
	}
}
