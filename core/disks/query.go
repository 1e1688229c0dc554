package disks

import (
	"context"

	"qmpmigrate/core/block"
	"qmpmigrate/qapi"
)

var _ qapi.BlockCommands = (*Set)(nil)

// QueryBlock is query-block.
func (s *Set) QueryBlock(context.Context) ([]qapi.BlockInfo, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []qapi.BlockInfo{}
	for _, d := range s.drives {
		info := qapi.BlockInfo{Device: d.id, Type: "unknown", Removable: d.cdrom || d.device == ""}
		if d.device != "" {
			if d.cdrom {
				info.TrayOpen = new(bool)
			}
			info.Qdev = &d.device
			ok := qapi.BlockDeviceIoStatusOk
			info.IOStatus = &ok
		}
		if d.node != nil {
			inserted := s.describe(d.node, false)
			inserted.Cache.Writeback = !d.writethrough
			info.Inserted = &inserted
		}
		list = append(list, info)
	}
	return list, nil
}

// QueryNamedBlockNodes is query-named-block-nodes.
func (s *Set) QueryNamedBlockNodes(_ context.Context, args *qapi.QueryNamedBlockNodesArgs) ([]qapi.BlockDeviceInfo, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []qapi.BlockDeviceInfo{}
	for _, n := range s.graph.Nodes() {
		list = append(list, s.describe(n, args.Flat != nil && *args.Flat))
	}
	return list, nil
}

// describe tells of a node. Callers hold mu.
func (s *Set) describe(n *block.Node, flat bool) qapi.BlockDeviceInfo {
	set := s.nodes[n]
	info := qapi.BlockDeviceInfo{
		File: n.Filename(), NodeName: new(n.Name()), Ro: n.ReadOnly(), Drv: n.Driver(), Active: !n.Inactive(),
		DetectZeroes: set.detectZeroes,
		Cache:        qapi.BlockdevCacheInfo{Writeback: true, Direct: set.direct, NoFlush: set.noFlush},
		Image:        image(n, flat),
		DirtyBitmaps: bitmaps(n),
	}
	if info.DetectZeroes == "" {
		info.DetectZeroes = qapi.BlockdevDetectZeroesOptionsOff
	}
	if backing := beneath(n); backing != nil {
		info.BackingFile = new(backing.Filename())
	}
	for beneath := info.Image.BackingImage; beneath != nil; beneath = beneath.BackingImage {
		info.BackingFileDepth++
	}
	return info
}

// image tells of what is in a node and, unless flat, of the images beneath.
func image(n *block.Node, flat bool) qapi.ImageInfo {
	known := n.Info()
	info := qapi.ImageInfo{
		Filename: n.Filename(), Format: n.Driver(), VirtualSize: n.Size(), Snapshots: snapshots(n), FormatSpecific: specific(n, known),
	}
	if n.Driver() != string(qapi.BlockdevDriverNullCo) {
		info.DirtyFlag = &known.Dirty
	}
	info.ActualSize = new(room(n))
	if known.ClusterSize > 0 {
		info.ClusterSize = &known.ClusterSize
	}
	backing := beneath(n)
	if known.BackingFile != "" {
		info.BackingFilename = &known.BackingFile
		if backing != nil {
			info.FullBackingFilename = new(backing.Filename())
		}
		if known.BackingFormat != "" {
			info.BackingFilenameFormat = &known.BackingFormat
		}
	}
	if backing != nil && !flat {
		info.BackingImage = new(image(backing, false))
	}
	return info
}

// room is how much of the host's a node takes, in bytes: what its files do.
func room(n *block.Node) (bytes int64) {
	inFile := false
	for _, c := range n.Children() {
		if c.Role != "backing" {
			inFile = true
			bytes += room(c.Node)
		}
	}
	if !inFile {
		bytes = n.Info().ActualSize
	}
	return bytes
}

// specific is what only some formats have to tell.
func specific(n *block.Node, known block.Info) *qapi.ImageInfoSpecific {
	switch n.Driver() {
	case "qcow2":
		if known.Qcow2 == nil {
			return nil
		}
		q := qapi.ImageInfoSpecificQCow2{
			Compat: "0.10", RefcountBits: int64(known.Qcow2.RefcountBits),
			CompressionType: qapi.Qcow2CompressionType(known.Qcow2.Compression),
		}
		if known.Qcow2.Version > 2 {
			q.Compat = "1.1"
			q.LazyRefcounts, q.Corrupt, q.ExtendedL2 = &known.Qcow2.LazyRefcounts, &known.Qcow2.Corrupt, new(bool)
			if known.Qcow2.External {
				q.DataFile, q.DataFileRaw = &known.Qcow2.DataFile, &known.Qcow2.RawData
			}
		}
		return &qapi.ImageInfoSpecific{
			Type: qapi.ImageInfoSpecificKindQcow2, Qcow2: &qapi.ImageInfoSpecificQCow2Wrapper{Data: q},
		}
	case "file", "host_device":
		return &qapi.ImageInfoSpecific{
			Type: qapi.ImageInfoSpecificKindFile, File: &qapi.ImageInfoSpecificFileWrapper{},
		}
	}
	return nil
}

func snapshots(n *block.Node) (list []qapi.SnapshotInfo) {
	_, _ = n.Snapshots(func(s block.Snapshots) error {
		for _, one := range s.Snapshots() {
			info := qapi.SnapshotInfo{
				ID: one.ID, Name: one.Name, VMStateSize: one.VMStateSize,
				DateSec: one.Date.Unix(), DateNsec: int64(one.Date.Nanosecond()),
				VMClockSec: int64(one.Clock / 1e9), VMClockNsec: int64(one.Clock % 1e9),
			}
			if one.Icount != -1 {
				info.Icount = &one.Icount
			}
			list = append(list, info)
		}
		return nil
	})
	return list
}

// bitmaps tells of those of a node that have a name, those that were added last first.
func bitmaps(n *block.Node) (list []qapi.BlockDirtyInfo) {
	all := n.Bitmaps()
	for i := len(all) - 1; i >= 0; i-- {
		b, state := all[i], all[i].State()
		info := qapi.BlockDirtyInfo{
			Count: b.Count() * b.Granularity(), Granularity: uint32(b.Granularity()),
			Recording: state.Enabled || state.Busy, Busy: state.Busy, Persistent: state.Persistent,
		}
		if name := b.Name(); name != "" {
			info.Name = &name
		}
		if state.Inconsistent {
			info.Inconsistent = new(true)
		}
		list = append(list, info)
	}
	return list
}
