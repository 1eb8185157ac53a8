@echo off
rem Removes the Windows service tabcell and its program. The configuration, the models and the logs in
rem %ProgramData%\tabcell stay; delete that folder to remove them, too. Run it as an administrator.
setlocal
set "to=%ProgramFiles%\tabcell"
net session >nul 2>&1
if errorlevel 1 (
    echo Run this script as an administrator. 1>&2
    exit /b 1
)
if not exist "%to%\tabcell.exe" (
    echo tabcell is not installed in %to%. 1>&2
    exit /b 1
)
"%to%\tabcell.exe" service remove
rem The script may be run again after an error, when the service is gone already.
rmdir /s /q "%to%" || exit /b 1
