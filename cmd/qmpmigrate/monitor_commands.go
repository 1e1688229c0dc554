package main

import (
	"context"
	"slices"

	"qmpmigrate/cmd/qmpmigrate/cmdline"
	"qmpmigrate/qapi"
)

var _ qapi.MonitorCommands = (*server)(nil)

// HumanMonitorCommand is human-monitor-command.
func (s *server) HumanMonitorCommand(ctx context.Context, args *qapi.HumanMonitorCommandArgs) (string, error) {
	cpu := int64(0)
	if args.CPUIndex != nil {
		cpu = *args.CPUIndex
		list, _ := s.machine.QueryCpusFast(ctx)
		if !slices.ContainsFunc(list, func(c qapi.CpuInfoFast) bool { return c.CPUIndex == cpu }) {
			return "", qapi.Errorf("Parameter 'cpu-index' expects a CPU number")
		}
	}
	return s.hmp.Run(ctx, args.CommandLine, cpu), nil
}

// QueryCommandLineOptions is query-command-line-options.
func (s *server) QueryCommandLineOptions(_ context.Context, args *qapi.QueryCommandLineOptionsArgs) ([]qapi.CommandLineOptionInfo, error) {
	groups, err := cmdline.OptionGroups()
	if err != nil {
		return nil, err
	}
	var list []qapi.CommandLineOptionInfo
	for _, g := range groups {
		if args.Option == nil || *args.Option == g.Name {
			list = append(list, optionInfo(g))
		}
	}
	if list == nil {
		return nil, qapi.Errorf("invalid option name: %s", *args.Option)
	}
	return list, nil
}

func optionInfo(g cmdline.OptionGroup) qapi.CommandLineOptionInfo {
	info := qapi.CommandLineOptionInfo{Option: g.Name, Parameters: make([]qapi.CommandLineParameterInfo, len(g.Parameters))}
	text := func(s string) *string {
		if s == "" {
			return nil
		}
		return &s
	}
	for i, p := range g.Parameters {
		info.Parameters[i] = qapi.CommandLineParameterInfo{Name: p.Name, Type: qapi.CommandLineParameterType(p.Type),
			Help: text(p.Help), Default: text(p.Default)}
	}
	return info
}
