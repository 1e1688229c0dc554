package migration

import (
	"context"
	"fmt"

	"qmpmigrate/core/multifd"
	"qmpmigrate/core/ram"
	"qmpmigrate/qapi"
)

// openFileLanes is openLanes for a file.
func (o *outgoing) openFileLanes(s *sending, places *ram.Places) (*multifd.Sender, func(error) error, error) {
	files, err := o.m.links.FileLanes(o.addr, true)
	if err != nil || len(files) == 0 {
		return nil, func(err error) error { return err }, err
	}
	// A lane ends with the main channel.
	unhook := context.AfterFunc(o.ctx, files.Shutdown)
	findZeros := o.m.settings.ZeroPages() == qapi.ZeroPageDetectionMultifd
	sender := multifd.NewSender(places.Lanes(files.Writers(), findZeros, o.stats.Counters()), multifd.SenderOptions{
		Failed: func(error) { s.conn.Shutdown() },
		Thread: func(lane int) func() { return o.ownThread(fmt.Sprintf("mig/src/send_%d", lane)) },
		Trace:  o.m.host.Trace(),
	})
	return sender, func(err error) error {
		if err != nil {
			files.Shutdown()
			err = laneError(sender, err)
		}
		sender.Close()
		unhook()
		files.Close()
		return err
	}, nil
}
