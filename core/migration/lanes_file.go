package migration

import (
	"context"
	"fmt"
	"io"

	"qmpmigrate/channels"
	"qmpmigrate/core/multifd"
	"qmpmigrate/core/ram"
	"qmpmigrate/qapi"
)

// fileLanes are the lanes of a migration to or from a file: the same file,
// opened once more for each. There are none without multifd, or where pages have
// no places of their own in the file.
func (m *Migration) fileLanes(addr channels.Address, write bool) (files []channels.File, err error) {
	if addr.Transport != channels.TransportFile || !m.settings.Enabled(qapi.MigrationCapabilityMappedRAM) {
		return nil, nil
	}
	for range m.settings.Lanes() {
		f, err := addr.File.Again(write, m.settings.DirectIO())
		if err != nil {
			closeLanes(files)
			return nil, err
		}
		files = append(files, f)
	}
	return files, nil
}

func closeLanes(files []channels.File) {
	for _, f := range files {
		f.Close()
	}
}

// readers are the files as the loader knows them.
func readers(files []channels.File) (list []io.ReaderAt) {
	for _, f := range files {
		list = append(list, f)
	}
	return list
}

// openFileLanes is openLanes for a file.
func (o *outgoing) openFileLanes(s *sending, places *ram.Places) (*multifd.Sender, func(error) error, error) {
	files, err := o.m.fileLanes(o.addr, true)
	if err != nil || len(files) == 0 {
		return nil, func(err error) error { return err }, err
	}
	var writers []io.WriterAt
	for _, f := range files {
		writers = append(writers, f)
	}
	shut := func() {
		for _, f := range files {
			f.Shutdown()
		}
	}
	// A lane ends with the main channel.
	unhook := context.AfterFunc(o.ctx, shut)
	findZeros := o.m.settings.ZeroPages() == qapi.ZeroPageDetectionMultifd
	sender := multifd.NewSender(places.Lanes(writers, findZeros, o.stats.Counters()), multifd.SenderOptions{
		Failed: func(error) { s.conn.Shutdown() },
		Thread: func(lane int) func() { return o.ownThread(fmt.Sprintf("mig/src/send_%d", lane)) },
		Trace:  o.m.host.Trace(),
	})
	return sender, func(err error) error {
		if err != nil {
			shut()
			err = laneError(sender, err)
		}
		sender.Close()
		unhook()
		closeLanes(files)
		return err
	}, nil
}
