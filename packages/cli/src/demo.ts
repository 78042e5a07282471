/** `adjoint demo`: trains networks on real data, compares every gradient, writes the report. */
import { resolve } from 'node:path'
import { loadDigits, loadPenguins, type Penguins } from '@adjoint/data'
import { describeLedger, describeMistake } from './consoleLedger.ts'
import { chosenClass, outputsOf } from './evaluate.ts'
import { formatPercent, formatQuality, formatSeconds, formatValue, ULP_NOTE } from './format.ts'
import { ledgerOf, recordNetwork } from './ledger.ts'
import { type Digit, type DigitStudy, digitClasses } from './networks/digitClasses.ts'
import { type Examples, pickExamples } from './networks/examples.ts'
import type { Experiment } from './networks/experiment.ts'
import { type BinaryStudy, penguinBinary } from './networks/penguinBinary.ts'
import { type MassStudy, penguinMass } from './networks/penguinMass.ts'
import { penguinSpecies } from './networks/penguinSpecies.ts'
import { PLANTED_FORMULA, plantMistake } from './plantedMistake.ts'
import { type OutputStream, showProgress } from './progress.ts'
import type { DigitAnswer } from './report/digits.ts'
import { graphFigure } from './report/graph.ts'
import type { MassAnswer } from './report/mass.ts'
import { renderReport } from './report/report.ts'
import type { Run } from './run.ts'
import { type DemoSummary, summarise, toJson } from './summary.ts'
import { train } from './train.ts'
import { readVersion } from './version.ts'
import { prepareFile, writeFile } from './writeFile.ts'

/** Settings of {@link runDemo}. */
export interface DemoOptions {
  /** Decides splits, first parameters and minibatches. Default 0. */
  readonly seed?: number
  /** Train much shorter; the digits then need not be read well. Default false. */
  readonly quick?: boolean
  /** Folder of the report. Default `adjoint-report` in the current folder. */
  readonly out?: string
  /** File for the result as JSON; none by default. */
  readonly json?: string | undefined
  /** Where progress and ledgers are shown. Default: the standard output. */
  readonly stream?: OutputStream
}

/** What {@link runDemo} returns. */
export interface DemoResult extends DemoSummary {
  /** What went wrong, in sentences; empty when all ledgers agree and the digits are read well. */
  readonly failures: readonly string[]
}

/** Share of held-out digits that a full run must read correctly. */
export const REQUIRED_DIGIT_ACCURACY = 0.95

/** Examples of the batch on which a ledger is computed; no power of two, by which dividing would never round. */
const LEDGER_EXAMPLES = 30

/**
 * Runs the demo: seven networks on two data sets, their ledgers, a planted mistake, and the report.
 *
 * @example
 * ```ts no-run
 * // Trains for some seconds and writes a folder.
 * import { runDemo } from '@adjoint/cli'
 * const { runs, report, failures } = await runDemo({ quick: true, seed: 7, out: 'reports' })
 * ```
 * @throws WriteError when the report or the JSON file cannot be written; this is found before the training.
 * @throws ArgumentError for a seed that is no whole number from 0 up.
 */
export async function runDemo(options: DemoOptions = {}): Promise<DemoResult> {
  const { seed = 0, quick = false, out = 'adjoint-report', json, stream = process.stdout } = options
  const start = performance.now()
  const say = (text: string): void => {
    stream.write(`${text}\n`)
  }
  const report = resolve(out, 'report.html')
  prepareFile(report, '--out')
  if (json !== undefined) prepareFile(resolve(json), '--json')

  const penguinData = await loadPenguins()
  const digits = await readDigits()
  const version = readVersion()
  say(`Adjoint ${version} demo, seed ${seed}${quick ? ', quick' : ''}`)
  say(describeData(penguinData, digits))

  const { records: penguins } = penguinData
  const binary = penguinBinary(penguins, { seed, quick })
  const mass = penguinMass(penguins, { seed, quick })
  const digit = digitClasses(digits, { seed, quick })
  const questions = Object.values(binary.experiments)
  const experiments = [
    ...questions,
    penguinSpecies(penguins, { seed, quick }),
    mass.experiment,
    digit.experiment,
  ]

  const width = Math.max(...experiments.map(({ title }) => title.length))
  const runs: Run[] = []
  for (const experiment of experiments) {
    const training = train(experiment, showProgress(stream, { label: experiment.title.padEnd(width) }))
    runs.push({ experiment, training, ledger: ledgerOf(experiment, ledgerExamples(experiment)) })
  }
  const runOf = (experiment: Experiment): Run => runs.find(run => run.experiment === experiment)!

  say('\nHeld-out results')
  for (const { experiment, training } of runs) {
    say(`  ${experiment.title.padEnd(width)}  ${describeQuality(training.test)}`)
  }
  say('\nLedgers: autodiff beside backpropagation by hand, in float64')
  for (const run of runs) say(`\n${describeLedger(run)}`)
  say(`\n${ULP_NOTE}`)

  const flawed = binary.experiments.twoHidden
  const planted = ledgerOf(flawed, ledgerExamples(flawed), plantMistake)
  say(`\n${describeMistake(planted, PLANTED_FORMULA)}`)

  const small = binary.experiments.oneHidden
  writeFile(
    report,
    '--out',
    renderReport({
      seed,
      quick,
      versions: { adjoint: version, node: process.versions.node },
      runs,
      binary: { study: binary, penguins, runs: questions.map(runOf) },
      droppedPenguins: penguinData.dropped,
      digits: digitAnswers(digit, digits),
      masses: massAnswers(mass, binary, penguinData),
      planted: { ledger: planted, title: flawed.title, formula: PLANTED_FORMULA },
      graph: await graphFigure(
        recordNetwork(small, ledgerExamples(small)).loss,
        `The graph of the network with ${small.title}, on a batch of ${LEDGER_EXAMPLES} penguins: from x, W and b on the left to the loss J on the right.`,
      ),
    }),
  )
  const summary: DemoSummary = { seed, quick, runs: runs.map(summarise), report }
  if (json !== undefined) writeFile(resolve(json), '--json', toJson(summary))

  const failures = failuresOf(runs, runOf(digit.experiment), quick)
  say(`\nReport: ${report}`)
  if (json !== undefined) say(`JSON:   ${resolve(json)}`)
  say(
    `${failures.length === 0 ? 'All gradients agree' : 'FAILED'}; ${formatSeconds(performance.now() - start)} in total.`,
  )
  for (const failure of failures) say(`  ${failure}`)
  return { ...summary, failures }
}

/** The digits one by one, as plain numbers. */
async function readDigits(): Promise<Digit[]> {
  const { features, classes } = await loadDigits()
  const written = classes.data()
  return (features.toArray() as number[][]).map((pixels, at) => ({ pixels, digit: written[at]! }))
}

/** The first training examples, in the order of the split, which is random. */
function ledgerExamples({ train }: Experiment): Examples {
  const count = Math.min(LEDGER_EXAMPLES, train.targets.length)
  return pickExamples(
    train,
    Array.from({ length: count }, (_, at) => at),
  )
}

function digitAnswers({ experiment, split }: DigitStudy, digits: readonly Digit[]): DigitAnswer[] {
  const outputs = outputsOf(experiment, experiment.test.features)
  return split.test.map((position, at) => {
    const { pixels, digit } = digits[position]!
    return { pixels, written: digit, read: chosenClass(outputs[at]!) }
  })
}

function massAnswers(
  { experiment, massScale }: MassStudy,
  { split }: BinaryStudy,
  { records }: Penguins,
): MassAnswer[] {
  const outputs = outputsOf(experiment, experiment.test.features)
  return split.test.map((position, at) => ({
    measured: records[position]!.bodyMass,
    predicted: massScale.mean[0]! + massScale.deviation[0]! * outputs[at]![0]!,
  }))
}

function describeData({ records, dropped }: Penguins, digits: readonly Digit[]): string {
  const all = records.length + dropped
  return `${records.length} penguins (${dropped} of ${all} lack measurements and are left out), ${digits.length} digits; a fifth of each is held out\n`
}

function describeQuality(score: Run['training']['test']): string {
  const quality = `${score.accuracy === undefined ? '' : 'accuracy '}${formatQuality(score)}`
  return `${quality.padEnd(18)}loss ${formatValue(score.loss)}`
}

function failuresOf(runs: readonly Run[], digits: Run, quick: boolean): string[] {
  const failures = runs.flatMap(({ experiment, ledger }) => {
    const first = ledger.firstDifference
    return first === undefined ? [] : [`The ledger of ${experiment.title} differs, first at ${first.name}.`]
  })
  const accuracy = digits.training.test.accuracy ?? 0
  if (!quick && accuracy < REQUIRED_DIGIT_ACCURACY) {
    failures.push(
      `Of the held-out digits ${formatPercent(accuracy)} are read correctly; ${formatPercent(REQUIRED_DIGIT_ACCURACY)} are required.`,
    )
  }
  return failures
}
