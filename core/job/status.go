package job

import (
	"qmpmigrate/qapi"
)

// next lists the statuses that may follow a status. A job that was never
// started goes straight from created to null.
func next(s qapi.JobStatus) []qapi.JobStatus {
	switch s {
	case qapi.JobStatusUndefined:
		return []qapi.JobStatus{qapi.JobStatusCreated}
	case qapi.JobStatusCreated:
		return []qapi.JobStatus{qapi.JobStatusRunning, qapi.JobStatusAborting, qapi.JobStatusNull}
	case qapi.JobStatusRunning:
		return []qapi.JobStatus{qapi.JobStatusPaused, qapi.JobStatusReady, qapi.JobStatusWaiting, qapi.JobStatusAborting}
	case qapi.JobStatusPaused:
		return []qapi.JobStatus{qapi.JobStatusRunning}
	case qapi.JobStatusReady:
		return []qapi.JobStatus{qapi.JobStatusStandby, qapi.JobStatusWaiting, qapi.JobStatusAborting}
	case qapi.JobStatusStandby:
		return []qapi.JobStatus{qapi.JobStatusReady}
	case qapi.JobStatusWaiting:
		return []qapi.JobStatus{qapi.JobStatusPending, qapi.JobStatusAborting}
	case qapi.JobStatusPending:
		return []qapi.JobStatus{qapi.JobStatusAborting, qapi.JobStatusConcluded}
	case qapi.JobStatusAborting:
		return []qapi.JobStatus{qapi.JobStatusAborting, qapi.JobStatusConcluded}
	case qapi.JobStatusConcluded:
		return []qapi.JobStatus{qapi.JobStatusNull}
	}
	return nil
}

// verb is what a user asks of a job.
type verb string

const (
	verbCancel   verb = "cancel"
	verbPause    verb = "pause"
	verbResume   verb = "resume"
	verbComplete verb = "complete"
	verbFinalize verb = "finalize"
	verbDismiss  verb = "dismiss"
)

// accepts says whether a job in status s can be asked for v.
func accepts(s qapi.JobStatus, v verb) bool {
	switch v {
	case verbCancel:
		return alive(s) || s == qapi.JobStatusWaiting || s == qapi.JobStatusPending
	case verbPause, verbResume:
		return alive(s)
	case verbComplete:
		return s == qapi.JobStatusReady || s == qapi.JobStatusStandby
	case verbFinalize:
		return s == qapi.JobStatusPending
	case verbDismiss:
		return s == qapi.JobStatusConcluded
	}
	return false
}

// alive: the job's work is not through.
func alive(s qapi.JobStatus) bool {
	switch s {
	case qapi.JobStatusCreated, qapi.JobStatusRunning, qapi.JobStatusPaused,
		qapi.JobStatusReady, qapi.JobStatusStandby:
		return true
	}
	return false
}
