{{- define "tabcell.name" -}}
{{- if contains "tabcell" .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{ else }}{{ printf "%s-tabcell" (.Release.Name | trunc 42 | trimSuffix "-") }}{{ end }}
{{- end }}

{{- define "tabcell.selector" -}}
app.kubernetes.io/name: tabcell
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "tabcell.labels" -}}
{{ include "tabcell.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- /* Workers have another name, because the selectors of controllers must not overlap. */ -}}
{{- define "tabcell.podSelector" -}}
app.kubernetes.io/name: tabcell{{ if .worker }}-worker{{ end }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- end }}

{{- define "tabcell.podLabels" -}}
{{ include "tabcell.podSelector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- if .root.Values.cluster.enabled }}
app.kubernetes.io/part-of: tabcell
{{- end }}
{{- end }}

{{- /* All pods of the release that answer requests. */ -}}
{{- define "tabcell.serviceSelector" -}}
{{- if .Values.cluster.enabled -}}
app.kubernetes.io/part-of: tabcell
app.kubernetes.io/instance: {{ .Release.Name }}
{{- else -}}
{{ include "tabcell.selector" . }}
{{- end }}
{{- end }}

{{- define "tabcell.image" -}}
{{- $suffix := ternary "-code" "" .Values.image.compiledCode -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default (printf "%s%s" (.Chart.AppVersion | replace "+" "-") $suffix) }}
{{- end }}
{{- end }}

{{- define "tabcell.scheme" -}}
{{ ternary "HTTPS" "HTTP" (ne .Values.tls.secretName "") }}
{{- end }}

{{- /* The memory of the container in MiB: settings.MemorySumMB, and 5 % for the kernel. */ -}}
{{- define "tabcell.memoryMB" -}}
{{- $l := .Values.limits -}}
{{- $program := ternary 200 480 (eq $l.guest "core") -}}
{{- if .Values.auth.passwordSecret.name }}{{ $program = add $program $l.passwordMemoryMB }}{{ end -}}
{{- $sum := add $program (mul $l.concurrency (add $l.memoryLimitMB 24)) $l.modelsMB $l.bufferMB -}}
{{ div (add (mul $sum 20) 18) 19 }}
{{- end }}

{{- define "tabcell.resources" -}}
{{- if .Values.resources }}
{{- toYaml .Values.resources }}
{{- else -}}
{{- $memory := printf "%sMi" (include "tabcell.memoryMB" .) -}}
requests:
  cpu: {{ .Values.limits.concurrency | quote }}
  memory: {{ $memory }}
limits:
  {{- with .Values.cpuLimit }}
  cpu: {{ . | quote }}
  {{- end }}
  memory: {{ $memory }}
{{- end }}
{{- end }}

{{- /* A probe of a path. Without a client certificate, only the program itself can ask. */ -}}
{{- define "tabcell.probe" -}}
{{- if and .root.Values.tls.clientCA.secretName (eq .root.Values.tls.clientCert "required") -}}
exec:
  command: ["/usr/bin/tabcell", "health"{{ if eq .check "live" }}, "--live"{{ end }}]
{{- else -}}
httpGet:
  path: /health/{{ .check }}
  port: http
  scheme: {{ include "tabcell.scheme" .root }}
{{- end }}
{{- end }}

{{- /* Refuses values that would install an open or a broken server. */ -}}
{{- define "tabcell.check" -}}
{{- $v := .Values -}}
{{- $authenticates := or $v.auth.passwordSecret.name $v.tls.clientCA.secretName $v.auth.tokens -}}
{{- if not (or $authenticates $v.auth.allowAnonymous) -}}
{{- fail "everyone who can reach the service could run scripts: set auth.passwordSecret.name, tls.clientCA.secretName or auth.tokens, or auth.allowAnonymous=true" -}}
{{- end -}}
{{- if and $v.tls.clientCA.secretName (not $v.tls.secretName) -}}
{{- fail "tls.clientCA needs tls.secretName, because client certificates are part of TLS" -}}
{{- end -}}
{{- if and $v.flight.enabled (or $v.cluster.enabled (gt (int $v.replicas) 1)) -}}
{{- fail "flight.enabled needs a single pod, because a table is on the server that got it: set cluster.enabled=false and replicas=1" -}}
{{- end -}}
{{- if $v.cluster.enabled -}}
{{- if ne (int $v.replicas) 1 -}}
{{- fail "with cluster.enabled, cluster.voters and cluster.workers have the numbers of pods, and replicas has to be 1" -}}
{{- end -}}
{{- if $v.persistence.existingClaim -}}
{{- fail "each voter needs a volume of its own: leave persistence.existingClaim empty" -}}
{{- end -}}
{{- if not $v.persistence.enabled -}}
{{- fail "a voter that loses its volume forgets changes that it has acknowledged: set persistence.enabled=true" -}}
{{- end -}}
{{- if and (gt (int $v.cluster.workers.max) 0) (gt (int $v.cluster.workers.min) (int $v.cluster.workers.max)) -}}
{{- fail "cluster.workers.min is greater than cluster.workers.max" -}}
{{- end -}}
{{- else if gt (int $v.replicas) 1 -}}
{{- if not $v.endpoints.readOnly -}}
{{- fail "replicas do not see the endpoints that others deploy: set cluster.enabled=true, endpoints.readOnly=true, or replicas=1" -}}
{{- end -}}
{{- if and $v.persistence.enabled (not $v.persistence.existingClaim) -}}
{{- fail "with several replicas, persistence.existingClaim must name a volume that all of them can mount (ReadWriteMany), or persistence.enabled must be false" -}}
{{- end -}}
{{- end -}}
{{- end }}
