package inspect

import (
	"fmt"
	"strings"

	"qmpmigrate/core/vmstate"
)

// Arrays and buffers are shown in part; the JSON form has them whole.
const (
	shownValues = 8
	shownBytes  = 32
)

func (t *text) nodes(depth int, nodes []vmstate.Node, base int64) {
	for i := range nodes {
		n := &nodes[i]
		name := n.Name
		if n.Index >= 0 {
			name = fmt.Sprintf("%s[%d]", name, n.Index)
		}
		head := fmt.Sprintf("0x%08x %s: %s", base+int64(n.Offset), name, n.Type)
		if len(n.Children) > 0 {
			t.line(depth, "%s, %d bytes", head, n.Size)
			t.nodes(depth+1, n.Children, base)
			continue
		}
		if n.Count > 1 {
			head = fmt.Sprintf("%s[%d]", head, n.Count)
		}
		t.line(depth, "%s = %s", head, shown(n))
	}
}

func shown(n *vmstate.Node) string {
	switch v := n.Value().(type) {
	case nil:
		if len(n.Raw) > shownBytes {
			return fmt.Sprintf("%x... (%d bytes)", n.Raw[:shownBytes], n.Size)
		}
		return fmt.Sprintf("%x (%d bytes)", n.Raw, n.Size)
	case []uint64:
		return list(v, "0x%x")
	case []int64:
		return list(v, "%d")
	case []bool:
		return list(v, "%v")
	case []float64:
		return list(v, "%g")
	case uint64:
		return fmt.Sprintf("0x%x", v)
	case string:
		return fmt.Sprintf("%q", v)
	default:
		return fmt.Sprint(v)
	}
}

func list[T any](all []T, format string) string {
	var b strings.Builder
	for i, v := range all[:min(len(all), shownValues)] {
		if i > 0 {
			b.WriteByte(' ')
		}
		fmt.Fprintf(&b, format, v)
	}
	if len(all) > shownValues {
		b.WriteString(" ...")
	}
	return b.String()
}
