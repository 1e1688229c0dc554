// Package qobject holds JSON values the way QEMU's machine protocol understands them.
//
// A value is one of: [Null], bool, int64, uint64 (only above math.MaxInt64), float64, string, [List] or *[Dict].
// The package reads the dialect of JSON that QMP accepts (two kinds of quotes, several values in a stream, recovery
// after rubbish, hard limits on depth, count and size) and writes the exact form that QEMU writes.
package qobject
