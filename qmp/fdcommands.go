package qmp

import (
	"context"

	"qmpmigrate/qapi"
	"qmpmigrate/qapi/passfd"
)

var _ qapi.FDCommands = (*Server)(nil)

// The commands about descriptors take them from the monitor that they come through, a passfd.Holder.

// Getfd gives a name to the first descriptor of the message that the client sent last; the others of it are closed.
func (s *Server) Getfd(ctx context.Context, args *qapi.GetfdArgs) error {
	holder, ok := qapi.MonitorFrom(ctx).(passfd.Holder)
	if !ok {
		return errNoDescriptor()
	}
	file := holder.Received().TakeFirst(args.Fdname)
	if file == nil {
		return errNoDescriptor()
	}
	if name := args.Fdname; name != "" && name[0] >= '0' && name[0] <= '9' {
		file.Close() // such names are descriptor numbers where an fd: address is given
		return qapi.Errorf("Parameter 'fdname' expects a name not starting with a digit")
	}
	holder.Named().Put(args.Fdname, file)
	return nil
}

// Closefd closes and forgets a descriptor.
func (s *Server) Closefd(ctx context.Context, args *qapi.ClosefdArgs) error {
	if holder, ok := qapi.MonitorFrom(ctx).(passfd.Holder); ok {
		if file := holder.Named().Remove(args.Fdname); file != nil {
			file.Close()
			return nil
		}
	}
	return qapi.Errorf("File descriptor named '%s' not found", args.Fdname)
}

func errNoDescriptor() error { return qapi.Errorf("No file descriptor supplied via SCM_RIGHTS") }

// AddFD puts the descriptor that came with the request into a set.
func (s *Server) AddFD(ctx context.Context, args *qapi.AddFDArgs) (*qapi.AddfdInfo, error) {
	holder, ok := qapi.MonitorFrom(ctx).(passfd.Holder)
	if !ok {
		return nil, errNoDescriptor()
	}
	fd, ok := holder.Received().TakeFirstFD()
	if !ok {
		return nil, errNoDescriptor()
	}
	return s.fdsets.Add(fd, args.FdsetID, args.Opaque)
}

// RemoveFD takes one descriptor or all out of a set.
func (s *Server) RemoveFD(_ context.Context, args *qapi.RemoveFDArgs) error {
	return s.fdsets.Remove(args.FdsetID, args.FD)
}

// QueryFdsets lists the sets.
func (s *Server) QueryFdsets(context.Context) ([]qapi.FdsetInfo, error) { return s.fdsets.List(), nil }

// FDSets are the server's sets of descriptors, for those who open /dev/fdset/N and for the command line.
func (s *Server) FDSets() *passfd.Sets { return &s.fdsets }
