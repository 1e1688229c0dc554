package qmp

import (
	"context"

	"qmpmigrate/qapi"
)

// FDCommands are the commands getfd and closefd, which act on the monitor that they come through. It is meant to be
// embedded into the type that implements the rest of qapi.MiscCommands.
type FDCommands struct{}

// Getfd gives a name to the first descriptor of the message that the client sent last; the others of it are closed.
func (FDCommands) Getfd(ctx context.Context, args *qapi.GetfdArgs) error {
	session, ok := qapi.MonitorFrom(ctx).(*session)
	if !ok {
		return errNoDescriptor()
	}
	file := session.fds.takeFirst(args.Fdname)
	if file == nil {
		return errNoDescriptor()
	}
	if name := args.Fdname; name != "" && name[0] >= '0' && name[0] <= '9' {
		file.Close() // such names are descriptor numbers where an fd: address is given
		return qapi.Errorf("Parameter 'fdname' expects a name not starting with a digit")
	}
	session.monitor.fds.put(args.Fdname, file)
	return nil
}

// Closefd closes and forgets a descriptor.
func (FDCommands) Closefd(ctx context.Context, args *qapi.ClosefdArgs) error {
	if session, ok := qapi.MonitorFrom(ctx).(*session); ok {
		if file := session.monitor.fds.remove(args.Fdname); file != nil {
			file.Close()
			return nil
		}
	}
	return qapi.Errorf("File descriptor named '%s' not found", args.Fdname)
}

func errNoDescriptor() error { return qapi.Errorf("No file descriptor supplied via SCM_RIGHTS") }
