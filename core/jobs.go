package core

import (
	"context"

	"qmpmigrate/qapi"
)

var _ qapi.JobCommands = (*Machine)(nil)

// JobPause is job-pause.
func (m *Machine) JobPause(_ context.Context, args *qapi.JobPauseArgs) error {
	return m.jobs.Pause(args.ID)
}

// JobResume is job-resume.
func (m *Machine) JobResume(_ context.Context, args *qapi.JobResumeArgs) error {
	return m.jobs.Resume(args.ID)
}

// JobCancel is job-cancel.
func (m *Machine) JobCancel(_ context.Context, args *qapi.JobCancelArgs) error {
	return m.jobs.Cancel(args.ID)
}

// JobComplete is job-complete.
func (m *Machine) JobComplete(_ context.Context, args *qapi.JobCompleteArgs) error {
	return m.jobs.Complete(args.ID)
}

// JobDismiss is job-dismiss.
func (m *Machine) JobDismiss(_ context.Context, args *qapi.JobDismissArgs) error {
	return m.jobs.Dismiss(args.ID)
}

// JobFinalize is job-finalize.
func (m *Machine) JobFinalize(_ context.Context, args *qapi.JobFinalizeArgs) error {
	return m.jobs.Finalize(args.ID)
}

// QueryJobs is query-jobs.
func (m *Machine) QueryJobs(context.Context) ([]qapi.JobInfo, error) { return m.jobs.List(), nil }
