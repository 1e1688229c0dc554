package main

import (
	"fmt"
	"strings"

	"qmpmigrate/cmd/qmpmigrate/cmdline"
	"qmpmigrate/core/object"
	"qmpmigrate/qapi"
)

// memoryObject says whether objects of a type are made late: once the
// character devices are there, which some need, and others are needed by.
func memoryObject(o cmdline.Object) bool { return strings.HasPrefix(o.Type, "memory-backend-") }

// createObjects makes the objects of the command line that are of one kind.
// Those of types that mean nothing here are not made.
func createObjects(conf *cmdline.Config, objects *object.Registry, of func(cmdline.Object) bool) error {
	for _, o := range conf.Objects {
		if o.Inert || !of(o) {
			continue
		}
		options, err := qapi.DecodeObjectOptions(o.Props)
		if err != nil {
			return o.Where.Errorf("%v", err)
		}
		if err := objects.Add(options); err != nil {
			return err
		}
	}
	return nil
}

// guestMemory claims the object that is the guest's RAM, which is made, and
// called ramID, where the command line names none. The claim lasts as long as
// the process.
func guestMemory(conf *cmdline.Config, objects *object.Registry, ramID string) (*object.Memory, string, error) {
	id := conf.Machine.MemoryBackend
	if id == "" {
		var err error
		if id, err = numaMemory(conf); err != nil {
			return nil, "", err
		}
	}
	if id == "" {
		id = ramID
		if err := objects.Add(defaultMemory(conf, id)); err != nil {
			return nil, "", err
		}
	}
	o, _, ok := objects.Claim(id)
	memory, isMemory := o.(*object.Memory)
	switch {
	case !ok || !isMemory:
		return nil, "", fmt.Errorf("Memory backend '%s' not found", id)
	case memory.Size() != conf.Memory.Size && conf.Machine.MemoryBackend == "" && id != ramID:
		return nil, "", fmt.Errorf("total memory for NUMA nodes (0x%x) should equal RAM size (0x%x)",
			memory.Size(), conf.Memory.Size)
	}
	return memory, id, nil
}

// defaultMemory is the RAM of a machine that was given none: of a file with
// -mem-path, and with vCPUs in a process of their own of the kind that they can share.
func defaultMemory(conf *cmdline.Config, id string) *qapi.ObjectOptions {
	size, prealloc, share := conf.Memory.Size, conf.MemPrealloc, conf.Accel == cmdline.AccelUffd
	if conf.MemPath != "" {
		return &qapi.ObjectOptions{
			QomType: qapi.ObjectTypeMemoryBackendFile, ID: id,
			MemoryBackendFile: &qapi.MemoryBackendFileProperties{Size: size, MemPath: conf.MemPath, Prealloc: &prealloc},
		}
	}
	return &qapi.ObjectOptions{
		QomType: qapi.ObjectTypeMemoryBackendRAM, ID: id,
		MemoryBackendRAM: &qapi.MemoryBackendProperties{Size: size, Prealloc: &prealloc, Share: &share},
	}
}

// numaMemory is the object that -numa node,memdev=ID names, "" for none. The
// machines here have one RAM block.
func numaMemory(conf *cmdline.Config) (id string, err error) {
	for _, r := range conf.Remembered {
		if r.Option != "numa" || r.Props == nil {
			continue
		}
		value, ok := r.Props.Get("memdev")
		if !ok {
			continue
		}
		if id != "" {
			return "", r.Where.Errorf("more than one node with memory is not supported yet by this build")
		}
		id, _ = value.(string)
		found := false
		for _, o := range conf.Objects {
			found = found || o.ID == id && memoryObject(o)
		}
		if !found {
			return "", r.Where.Errorf("memdev=%s is ambiguous", id)
		}
	}
	return id, nil
}
