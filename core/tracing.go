package core

import (
	"context"
	"slices"

	"qmpmigrate/core/trace"
	"qmpmigrate/qapi"
)

var _ qapi.TraceCommands = (*Machine)(nil)

// TraceEventGetState is trace-event-get-state.
func (m *Machine) TraceEventGetState(_ context.Context, args *qapi.TraceEventGetStateArgs) ([]qapi.TraceEventInfo, error) {
	states, err := m.conf.Trace.States(args.Name)
	if err != nil {
		return nil, qapi.Errorf("%v", err)
	}
	list := []qapi.TraceEventInfo{}
	for _, s := range states {
		info := qapi.TraceEventInfo{Name: string(s.Name), State: qapi.TraceEventStateDisabled}
		if s.On {
			info.State = qapi.TraceEventStateEnabled
		}
		list = append(list, info)
	}
	return list, nil
}

// TraceEventSetState is trace-event-set-state. All events that exist can be
// switched, so that there is nothing to ignore.
func (m *Machine) TraceEventSetState(_ context.Context, args *qapi.TraceEventSetStateArgs) error {
	if err := m.conf.Trace.Switch(args.Name, args.Enable); err != nil {
		return qapi.Errorf("%v", err)
	}
	return nil
}

// Trace is where the machine's trace events are, nil for none.
func (m *Machine) Trace() *trace.Set { return m.conf.Trace }

// points are the machine's own trace events.
type points struct {
	runState, notify, stored, loaded, announces *trace.Event
	measures, measured, asked                   *trace.Event
}

func newPoints(t *trace.Set) points {
	return points{
		runState:  t.Event(trace.RunStateSet),
		notify:    t.Event(trace.VMStateNotify),
		stored:    t.Event(trace.MigrateGlobalStatePreSave),
		loaded:    t.Event(trace.MigrateGlobalStatePostLoad),
		measures:  t.Event(trace.DirtyRateSetState),
		measured:  t.Event(trace.DirtyRateCalculate),
		asked:     t.Event(trace.QueryDirtyRateInfo),
		announces: t.Event(trace.QemuAnnounceSelfIter),
	}
}

// became tells of a change of the run state, with the states' numbers as well.
func (p *points) became(from, to qapi.RunState) {
	if p.runState.On() && from != to {
		p.runState.Tell(trace.Int("current_state", number(from)), trace.Str("current_state_str", from),
			trace.Int("new_state", number(to)), trace.Str("new_state_str", to))
	}
}

// notified tells the devices' side of a start or stop.
func (p *points) notified(running int, s qapi.RunState) {
	if p.notify.On() {
		p.notify.Tell(trace.Int("running", running), trace.Int("reason", number(s)), trace.Str("reason_str", s))
	}
}

func number(s qapi.RunState) int { return slices.Index(qapi.RunStateValues(), s) }
