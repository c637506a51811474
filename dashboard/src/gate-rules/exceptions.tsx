import type { GateRulesContent } from '@gatehouse/shared/wire/api/gate-rules.ts'
import { useGateChoices } from '../live/use-gate-choices.ts'
import { Button } from '../ui/button.tsx'
import { Choice, Tick } from '../ui/field.tsx'
import { Part } from '../ui/part.tsx'
import { without } from './draft.ts'
import { ClockChoice, LeaseFields } from './lease.tsx'
import type { PartProps } from './part-props.ts'

type Own = GateRulesContent['gates'][string]

/** What single gates do otherwise than the school. */
export function ExceptionsPart({ rules, onChange, said }: PartProps) {
  const choices = useGateChoices()
  const { gates } = rules
  const change = (next: GateRulesContent['gates']) => onChange({ ...rules, gates: next })
  const others = choices.filter(({ gateId }) => gates[gateId] === undefined)
  return (
    <Part title="Exceptions" about="A gate that does otherwise. What is not ticked is as for the school.">
      {Object.entries(gates).map(([gateId, own]) => {
        const name = choices.find(choice => choice.gateId === gateId)?.name ?? gateId
        const setOwn = (next: Own) => change({ ...gates, [gateId]: next })
        const problem = said(`gates.${gateId}`)
        return (
          <div key={gateId} className="flex flex-col gap-3 border-line border-b pb-4">
            <div className="flex flex-wrap items-center justify-between gap-3">
              <h3 className="font-medium">
                <bdi>{name}</bdi>
              </h3>
              <Button aria-label={`As for the school: ${name}`} onClick={() => change(without(gates, gateId))}>
                As for the school
              </Button>
            </div>
            {problem && <p className="text-13 text-refused">{problem}</p>}
            <Tick
              label="Its own limits while it is without news"
              checked={own.lease !== undefined}
              onChange={event =>
                setOwn(event.target.checked ? { ...own, lease: rules.lease } : partWithout(own, 'lease'))
              }
            />
            {own.lease && (
              <LeaseFields
                name={`${name} without news`}
                lease={own.lease}
                onChange={lease => setOwn({ ...own, lease })}
                said={said}
                path={`gates.${gateId}.lease`}
              />
            )}
            <Tick
              label="Its own answer while its clock is in doubt"
              checked={own.whenClockInDoubt !== undefined}
              onChange={event =>
                setOwn(
                  event.target.checked
                    ? { ...own, whenClockInDoubt: rules.whenClockInDoubt }
                    : partWithout(own, 'whenClockInDoubt'),
                )
              }
            />
            {own.whenClockInDoubt && (
              <ClockChoice
                label={`What opens at ${name} while its clock is in doubt`}
                value={own.whenClockInDoubt}
                onChange={whenClockInDoubt => setOwn({ ...own, whenClockInDoubt })}
              />
            )}
          </div>
        )
      })}
      {others.length > 0 && (
        <div className="w-72 max-w-full">
          <Choice
            label="Make an exception for"
            value=""
            onChange={event => event.target.value !== '' && change({ ...gates, [event.target.value]: {} })}
          >
            <option value="">Choose a gate</option>
            {others.map(({ gateId, name }) => (
              <option key={gateId} value={gateId}>
                {name}
              </option>
            ))}
          </Choice>
        </div>
      )}
    </Part>
  )
}

function partWithout(own: Own, part: keyof Own): Own {
  return Object.fromEntries(Object.entries(own).filter(([key]) => key !== part))
}
