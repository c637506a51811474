import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Longest that one install may hold the lock: a slow line, 400 packages. */
const INSTALL_MS_MAX = 15 * 60_000

/**
 * Makes `node_modules` what `package-lock.json` says, and does nothing when it is. The stamp is written last, so an
 * install that was cut off is done again.
 */
export async function install(root) {
  const stamp = join(root, 'node_modules', '.gatehouse-installed')
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
  const done = () => existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted
  if (done()) return

  const release = await alone(join(root, '.gatehouse-installing'))
  try {
    if (done()) return
    process.stderr.write('Installing what Gatehouse needs (once, about a minute) ...\n')
    await npmCi(root)
    mkdirSync(join(root, 'node_modules'), { recursive: true })
    writeFileSync(stamp, wanted)
  } finally {
    release()
  }
}

function npmCi(root) {
  // Install scripts are denied: every package we use works without its own, and none may download anything.
  const args = [
    'ci',
    '--ignore-scripts',
    '--include=dev',
    '--include=optional',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ]
  const npm = process.env.npm_execpath
  const [command, ...before] = npm?.endsWith('.js') ? [process.execPath, npm] : ['npm']
  const child = spawn(command, [...before, ...args], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    env: withoutNpm(process.env),
  })
  return new Promise((resolve, reject) => {
    child.on('error', problem =>
      reject(new Error(`npm could not be run: ${problem.message}. Install npm, or run "npm ci" by hand.`)),
    )
    child.on('exit', code =>
      code === 0
        ? resolve()
        : reject(
            new Error(
              `"npm ci" ended with ${code}; its own words are above. Is the network there, and is there room on the disk (about 900 MB)?`,
            ),
          ),
    )
  })
}

/** npm hands its own settings down to what it starts, and an inner npm would take `start`'s for its own. */
function withoutNpm(environment) {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => !/^npm_(config|lifecycle|package|command)/i.test(name)),
  )
}

/** Waits until no other start is installing here. A folder is made by one only; it names its maker, so that one left by a crash is cleared. */
async function alone(folder) {
  for (;;) {
    try {
      mkdirSync(folder)
      writeFileSync(join(folder, 'pid'), String(process.pid))
      return () => rmSync(folder, { recursive: true, force: true })
    } catch (problem) {
      if (problem.code !== 'EEXIST')
        throw new Error(`the project folder cannot be written (${problem.code}): ${folder}`)
      if (leftBehind(folder)) rmSync(folder, { recursive: true, force: true })
      else await new Promise(resolve => setTimeout(resolve, 500))
    }
  }
}

function leftBehind(folder) {
  try {
    if (Date.now() - statSync(folder).mtimeMs > INSTALL_MS_MAX) return true
    const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'))
    process.kill(pid, 0)
    return false
  } catch (problem) {
    // ESRCH: its maker is gone. Anything else (no pid written yet, another user's process) is not proof of that.
    return problem.code === 'ESRCH'
  }
}
